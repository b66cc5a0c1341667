//! Text in, text out; and what is said about wrong text.

use super::{LineIndex, ParseLimits, parse, print};
use crate::diag::Diagnostic;
use crate::ir::{Module, structurally_equal};

fn read(source: &str) -> Module {
    parse(source, &ParseLimits::default()).unwrap_or_else(|errors| panic!("{source}\n{errors:#?}"))
}

/// Checks that the operations print as `expected` inside a module, and that printing loses nothing.
#[track_caller]
fn prints(source: &str, expected: &str) {
    let module = read(source);
    let text = print(&module);
    let indented: String = expected.lines().map(|line| format!("  {line}\n")).collect();
    assert_eq!(text, format!("\"builtin.module\"() ({{\n{indented}}}) : () -> ()\n"));
    let again = read(&text);
    assert!(structurally_equal(&module, &again));
    assert_eq!(print(&again), text);
}

/// Checks an attribute that prints as `expected`.
#[track_caller]
fn attribute(source: &str, expected: &str) {
    let op = |attr: &str| format!("\"t.t\"() {{a = {attr}}} : () -> ()");
    prints(&op(source), &op(expected));
}

/// Checks attributes that print as they are written.
#[track_caller]
fn attributes_stay(all: &[&str]) {
    all.iter().for_each(|attr| attribute(attr, attr));
}

/// What is said, each with its line and column.
fn errors(source: &str) -> Vec<String> {
    let index = LineIndex::new(source);
    let show = |error: &Diagnostic| {
        let at = index.start(error.span);
        format!("{}:{}: {}", at.line, at.column, error.message)
    };
    match parse(source, &ParseLimits::default()) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.iter().map(show).collect(),
    }
}

mod forms {
    use super::*;

    #[test]
    fn operations() {
        prints(r#""t.t"() : () -> ()"#, r#""t.t"() : () -> ()"#);
        prints(r#""t.t"() <{}> {} : () -> ()"#, r#""t.t"() <{}> : () -> ()"#);
        prints(
            "%a, %b:2 = \"t.a\"() : () -> (i1, i2, i3)\n\"t.b\"(%b#1, %a, %b) : (i3, i1, i2) -> () loc(unknown)",
            "%0:3 = \"t.a\"() : () -> (i1, i2, i3)\n\"t.b\"(%0#2, %0#0, %0#1) : (i3, i1, i2) -> () loc(unknown)",
        );
        prints(r#"%f = "t.f"() : () -> (() -> i1)"#, r#"%0 = "t.f"() : () -> (() -> i1)"#);
        prints(r#""t.unnamed"() : () -> (i1, i2)"#, r#"%0:2 = "t.unnamed"() : () -> (i1, i2)"#);
    }

    #[test]
    fn names_stay_with_their_values() {
        let module = read(r#"%x, %many:2 = "t.a"() : () -> (i1, i2, i3)"#);
        let op = module.block(module.top_level()).ops()[0];
        let names: Vec<_> =
            module.op(op).results().map(|v| module.value(v).name.map(|name| module.str(name))).collect();
        assert_eq!(names, [Some("x"), Some("many"), Some("many")]);
        assert_eq!((module.op(op).span.start, module.op(op).span.end), (14, 19));
    }

    #[test]
    fn regions() {
        prints(
            "\"t.r\"() <{p}> ({}, { \"t.t\"() : () -> () }, {^bb0: }, {^x(%a: i1 loc(\"a\")): \"t.u\"(%a) : (i1) -> ()\n^y(%b: i2):\n\"t.t\"() : () -> ()}) {q} : () -> ()",
            "\"t.r\"() <{p}> ({\n}, {\n  \"t.t\"() : () -> ()\n}, {\n^bb0:\n}, {\n^bb0(%arg0: i1 loc(\"a\")):\n  \"t.u\"(%arg0) : (i1) -> ()\n^bb1(%0: i2):  // no predecessors\n  \"t.t\"() : () -> ()\n}) {q} : () -> ()",
        );
    }

    #[test]
    fn scopes_nest_and_names_may_be_reused() {
        prints(
            "%a = \"t.a\"() : () -> i1\n\"t.r\"() ({\n  %b = \"t.b\"(%a) : (i1) -> i1\n}, {\n  %b = \"t.b\"(%a) : (i1) -> i1\n  %a = \"t.b\"(%b) : (i1) -> i1\n}) : () -> ()",
            "%0 = \"t.a\"() : () -> i1\n\"t.r\"() ({\n  %3 = \"t.b\"(%0) : (i1) -> i1\n}, {\n  %1 = \"t.b\"(%0) : (i1) -> i1\n  %2 = \"t.b\"(%1) : (i1) -> i1\n}) : () -> ()",
        );
    }

    #[test]
    fn modules() {
        let explicit =
            "\"builtin.module\"() <{sym_name = \"m\"}> ({\n  \"t.t\"() : () -> ()\n}) {a} : () -> () loc(\"m\")\n";
        assert_eq!(print(&read(explicit)), explicit);
        prints(
            "\"builtin.module\"() ({\n^bb0:\n}) : () -> ()\n\"t.t\"() : () -> ()",
            "\"builtin.module\"() ({\n^bb0:\n}) : () -> ()\n\"t.t\"() : () -> ()",
        );
        assert_eq!(print(&read("")), "\"builtin.module\"() ({\n^bb0:\n}) : () -> ()\n");
    }

    #[test]
    fn numbers() {
        attributes_stay(&[
            "3 : i32",
            "-3 : si8",
            "7 : index",
            "true",
            "1.5 : f64",
            "-1.0e-5 : f32",
            "0x7FC00000 : f32",
        ]);
        attribute("3", "3 : i64");
        attribute("1.", "1. : f64");
        attribute("0xFF : i32", "255 : i32");
        attribute("- 3", "-3 : i64");
        attribute("255 : i8", "-1 : i8");
        attribute("1 : i1", "true");
        attribute("0 : i1", "false");
        attribute("0xFFFFFFFFFFFFFFFF", "-1 : i64");
        let wide = format!("{} : i256", "9".repeat(60));
        attributes_stay(&[&wide, "-170141183460469231731687303715884105727 : i128"]);
    }

    #[test]
    fn strings_and_names() {
        attribute(r#""a\n\t\\\"\41\ff""#, r#""a\0A\09\\\22A\FF""#);
        attribute("\"\u{e9}\"", r#""\C3\A9""#);
        attributes_stay(&[r#""x" : !t.t"#, r#"@a::@"b c"::@_d.e$"#, r#"{"0" = 1 : i64, "a b", c.d}"#, "[]", "{}"]);
        attribute(r#"@"plain""#, "@plain");
        prints(r#""t.t"() {"u" = unit, i32} : () -> ()"#, r#""t.t"() {u, i32} : () -> ()"#);
    }

    #[test]
    fn elements() {
        attributes_stay(&[
            "array<i64: 1, -2>",
            "array<i1: true, false>",
            "array<f32: 1.0, 0x7FC00000>",
            "array<i64>",
            "dense<[[1, -2], [0x3, 4]]> : tensor<2x2xi32>",
            "dense<> : tensor<0xi32>",
            "dense<[]> : tensor<0xi32>",
            "dense<\"0x00FF\"> : tensor<2xi8>",
            "dense<[\"a\", \"b\\22\"]> : tensor<2x!t.s>",
            "dense<(1.0,-2.0)> : tensor<complex<f32>>",
            "sparse<[[0, 0], [1, 2]], [1, 5]> : tensor<3x4xi32>",
            "sparse<> : tensor<3xi32>",
            "dense_resource<\"a key\"> : tensor<1xi32>",
        ]);
        attribute("array<i1: 1, 0, -1>", "array<i1: true, false, true>");
        attribute("dense<[ 1.0,\n2.0 ]> : tensor<2xf32>", "dense<[1.0, 2.0]> : tensor<2xf32>");
        attribute("dense<( 1 , - 2 )> : tensor<complex<i32>>", "dense<(1,-2)> : tensor<complex<i32>>");
    }

    #[test]
    fn opaque_attributes() {
        attributes_stay(&[
            "#d.a",
            "#d.a<x -> y, \">\", [(1)]>",
            "#d<any text>",
            "#d.a<1> : i32",
            "affine_map<(d0)[s0] -> (d0 + s0 * 2, -(d0 mod 4))>",
            "affine_set<(d0) : (d0 - 10 >= 0, d0 == 0)>",
            "strided<[1, ?], offset: -3>",
            "distinct[0]<\"d\">",
            "distinct[1]<>",
        ]);
    }

    #[test]
    fn locations() {
        attributes_stay(&[
            "loc(unknown)",
            "loc(\"f\":1:2)",
            "loc(\"f\":1:2 to 3:4)",
            "loc(\"f\":1:2 to :4)",
            "loc(\"n\"(\"f\":1:2))",
            "loc(callsite(\"a\" at \"f\":1:2))",
            "loc(fused<{a = 1 : i64}>[\"a\", unknown])",
            "loc(fused[\"a)\"])",
        ]);
    }

    #[test]
    fn types() {
        attributes_stay(&[
            "si8",
            "ui64",
            "f8E4M3FN",
            "none",
            "tensor<f32>",
            "tensor<4x0xf32>",
            "tensor<0x10xi32>",
            "tensor<2x?x3xcomplex<f32>>",
            "tensor<*xf32>",
            "tensor<2xf32, #e.e<x>>",
            "tensor<2x!t.t<1 -> 2>>",
            "memref<2xf32, strided<[1]>, 1 : i64>",
            "memref<2xf32, affine_map<(d0) -> (d0)>>",
            "memref<2xf32, \"space\">",
            "memref<*xf32, 2 : i32>",
            "vector<4x[8]xf32>",
            "tuple<>",
            "tuple<i1, tuple<i2>>",
            "() -> (() -> ())",
            "(i1) -> (i1, i2)",
            "!t.t",
            "!t<a, \"b>\">",
        ]);
        attribute("tensor< 4 x 4 x f32 >", "tensor<4x4xf32>");
    }

    #[test]
    fn aliases() {
        prints(
            "#m = affine_map<(d0) -> (d0)>\n!t = tensor<4xf32>\n#n = [#m, !t]\n\"t.t\"() {a = #n, b = #d.x<#m, !t, #unknown>} : () -> () loc(#l)\n#l = loc(callsite(\"a\" at #k))\n#k = loc(\"k\")",
            "\"t.t\"() {a = [affine_map<(d0) -> (d0)>, tensor<4xf32>], b = #d.x<affine_map<(d0) -> (d0)>, tensor<4xf32>, #unknown>} : () -> () loc(callsite(\"a\" at \"k\"))",
        );
        prints("#a = 1 #b = [#a] \"t.t\"() {b = #b} : () -> ()", "\"t.t\"() {b = [1 : i64]} : () -> ()");
    }

    #[test]
    fn comments_and_resources() {
        let text = "// A comment.\n\"t.t\"() : // more\n() -> ()\n{-# a: { b: \"#-}\" } #-}\n";
        let printed = print(&read(text));
        assert!(printed.ends_with("}) : () -> ()\n\n{-# a: { b: \"#-}\" } #-}\n"), "{printed}");
        assert!(structurally_equal(&read(text), &read(&printed)));
    }
}

mod wrong {
    use super::*;

    #[test]
    fn values() {
        let source = "\"t.u\"(%no) : (i1) -> ()\n\"t.u\"(%late) : (i1) -> ()\n%late = \"t.a\"() : () -> i1\n%late = \"t.a\"() : () -> i1\n\"t.u\"(%late) : (i2) -> ()\n\"t.u\"(%late#1) : (i1) -> ()\n\"t.u\"(%late) : () -> ()\n%x:2 = \"t.a\"() : () -> i1\n";
        assert_eq!(
            errors(source),
            [
                "1:7: %no is not defined",
                "2:7: %late is used before its definition",
                "4:1: %late is defined twice",
                "5:7: %late is a i1, but is read as a i2",
                "6:7: %late has 1 result(s), there is no #1",
                "7:1: the operation has 1 operands, but types for 0",
                "8:8: the operation names 2 results, but has types for 1",
            ]
        );
    }

    #[test]
    fn both_places_are_named() {
        let source = "\"t.r\"() ({\n\"t.u\"(%a) : (i1) -> ()\n}) : () -> ()\n%a = \"t.a\"() : () -> i1";
        let errors = parse(source, &ParseLimits::default()).unwrap_err();
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0].message, "%a is used before its definition");
        assert_eq!(LineIndex::new(source).start(errors[0].related[0].0).line, 4);
    }

    #[test]
    fn inner_values_are_not_seen_outside() {
        let source = "\"t.r\"() ({\n%a = \"t.a\"() : () -> i1\n}) : () -> ()\n\"t.u\"(%a) : (i1) -> ()";
        assert_eq!(errors(source), ["4:7: %a is not defined"]);
    }

    #[test]
    fn reading_goes_on_behind_a_broken_operation() {
        let source = "\"t.r\"() ({\n  %a = \"t.a\"( : () -> i1\n  \"t.u\"(%a) : (i1) -> ()\n  \"t.b\"() {x = } : () -> ()\n  \"t.c\"() ({ \"t.d\"() }) : () -> ()\n}) : () -> ()\n\"t.e\"() : () -> tensor<4yf32>\n\"t.f\"() : () -> ()";
        assert_eq!(
            errors(source),
            [
                "2:15: expected an operand, found `:`",
                "4:16: expected an attribute, found `}`",
                "5:22: expected `:` and the type of the operation, found `}`",
                "7:25: expected `x` after an extent, found `yf32`",
            ]
        );
    }

    #[test]
    fn remedies() {
        let help = |source: &str| parse(source, &ParseLimits::default()).unwrap_err()[0].help.clone().unwrap();
        assert!(help("func.func @main() {\n}").contains("--mlir-print-op-generic"));
        assert!(help("\"cf.br\"()[^bb0] : () -> ()").contains("stablehlo.while"));
        assert!(help("\"t.t\"() {a = #x} : () -> ()").contains("#x = ..."));
    }

    #[test]
    fn attributes() {
        let op = |attr: &str| errors(&format!("\"t.t\"() {{a = {attr}}} : () -> ()"));
        assert_eq!(op("256 : i8"), ["1:14: this number does not fit into its type"]);
        assert_eq!(op("1 : f32"), ["1:14: a float cannot be written as an integer"]);
        assert_eq!(op("1.0 : i32"), ["1:14: a float cannot have this type"]);
        assert_eq!(op("\"\\q\""), ["1:15: this escape is not known"]);
        assert_eq!(op("1, a = 2"), ["1:17: the attribute a is given twice"]);
        assert_eq!(op("#d.x<(>"), ["1:20: this bracket closes none that is open"]);
        assert_eq!(
            op("affine_map<(d0) -> (d1)>"),
            ["1:34: expected a dimension, a symbol, an integer or `(`, found `d1`"]
        );
        assert_eq!(op("\"open"), ["1:14: this string has no end on its line"]);
        assert_eq!(op("foo"), ["1:14: expected an attribute, found `foo`"]);
    }

    #[test]
    fn alias_cycles() {
        assert_eq!(errors("#a = [#b]\n#b = [#a]"), ["2:7: the alias #a is defined by itself"]);
        assert_eq!(errors("!a = tuple<!a>"), ["1:12: the alias !a is defined by itself"]);
        assert_eq!(errors("#a = 1\n#a = 2"), ["2:1: the alias #a is defined twice"]);
        assert_eq!(errors("#a = 1\n\"t.t\"() : () -> () loc(#a)"), ["2:24: #a is no location"]);
    }

    #[test]
    fn errors_are_limited() {
        let many = "\"t.t\"(\n".repeat(1000);
        assert_eq!(errors(&many).len(), 100);
        let limits = ParseLimits { max_errors: 3, ..ParseLimits::default() };
        assert_eq!(parse(&many, &limits).unwrap_err().len(), 3);
    }
}

mod hostile {
    use super::*;

    #[test]
    fn deep_nesting_is_refused() {
        let attr = |body: &str| format!("\"t.t\"() {{a = {body}");
        let bombs = [
            attr(&"[".repeat(100_000)),
            attr(&"{a = ".repeat(100_000)),
            attr(&"tensor<".repeat(100_000)),
            attr(&"complex<".repeat(100_000)),
            attr(&"tuple<".repeat(100_000)),
            attr(&"tensor<1xi1, ".repeat(100_000)),
            attr(&"() -> (".repeat(100_000)),
            attr(&"(".repeat(100_000)),
            attr(&format!("dense<{}", "[".repeat(100_000))),
            attr(&format!("#d.x<{}", "(".repeat(100_000))),
            attr(&format!("!d.x{}", "<".repeat(100_000))),
            attr(&format!("affine_map<(d0) -> ({}", "(".repeat(100_000))),
            attr(&"distinct[0]<".repeat(100_000)),
            attr(&format!("loc({}", "callsite(".repeat(100_000))),
            attr(&format!("loc({}", "fused[".repeat(100_000))),
            attr(&"loc(fused<".repeat(100_000)),
            "\"t.r\"() ({\n".repeat(100_000),
            format!("{}#a0 = 1", (0..5000).rev().map(|i| format!("#a{} = [#a{i}]\n", i + 1)).collect::<String>()),
            format!("#a0 = 1\n{}", (0..5000).map(|i| format!("#a{} = [#a{i}]\n", i + 1)).collect::<String>()),
        ];
        for bomb in &bombs {
            let found = errors(bomb);
            assert_eq!(found.len(), 1, "{} {found:?}", &bomb[..40]);
            assert!(found[0].contains("nesting is deeper than the limit of 256"), "{} {found:?}", &bomb[..40]);
        }
    }

    #[test]
    fn aliases_cannot_explode() {
        let doubled = |first: &str, next: fn(usize) -> String, last: &str| {
            format!("{first}\n{}{last}", (0..60).map(next).collect::<String>())
        };
        let bombs = [
            doubled("#a0 = 1", |i| format!("#a{} = [#a{i}, #a{i}]\n", i + 1), "\"t.t\"() {a = #a60} : () -> ()"),
            doubled("!a0 = i1", |i| format!("!a{} = tuple<!a{i}, !a{i}>\n", i + 1), ""),
            doubled("#a0 = 1", |i| format!("#a{} = #d.x<#a{i}, #a{i}>\n", i + 1), ""),
            doubled("#a0 = loc(unknown)", |i| format!("#a{} = loc(fused[#a{i}, #a{i}])\n", i + 1), ""),
        ];
        for bomb in &bombs {
            let found = errors(bomb);
            assert!(found.len() == 1 && found[0].contains("aliases expand to more than"), "{found:?}");
        }
    }

    #[test]
    fn every_beginning_of_a_text_is_read_or_refused() {
        let forms = include_str!("../../tests/forms.mlir");
        for end in (0..forms.len()).filter(|&end| forms.is_char_boundary(end)) {
            let _ = parse(&forms[..end], &ParseLimits::default());
        }
    }

    #[test]
    fn every_text_with_one_byte_changed_is_read_or_refused() {
        let forms = include_str!("../../tests/forms.mlir");
        let strange = [b'<', b'"', b'\\', b'(', b'}', b'%', b'#', b'0', b'\n', 0];
        for at in (0..forms.len()).filter(|&at| forms.as_bytes()[at].is_ascii()) {
            let mut bytes = forms.as_bytes().to_vec();
            bytes[at] = strange[at % strange.len()];
            let _ = parse(std::str::from_utf8(&bytes).unwrap(), &ParseLimits::default());
        }
    }

    #[test]
    fn large_texts_are_refused() {
        let limits = ParseLimits { max_bytes: 10, ..ParseLimits::default() };
        let refused = parse("\"t.t\"() : () -> ()", &limits).unwrap_err();
        assert_eq!(refused[0].message, "the text has 18 bytes, more than the limit of 10");
    }
}
