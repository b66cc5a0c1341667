//! Operations, blocks and regions.
//!
//! ```text
//! %a, %b:2 = "dialect.op"(%x, %y#1) [^successor] <{properties}> ({regions}) {attributes} : (types) -> types loc(...)
//! ```

use smallvec::SmallVec;

use super::{Parsed, Parser};
use crate::diag::Diagnostic;
use crate::ir::{AttrId, BlockId, OpId, OpParts, Span, Symbol, TypeId, ValueId};
use crate::text::lexer::Kind;
use crate::text::print::type_text;

/// `%b:2` before an operation.
struct ResultName {
    name: Symbol,
    count: u32,
    span: Span,
}

/// `%y#1` where it is read.
struct Operand {
    /// `None` if it could not be found, which was recorded.
    value: Option<ValueId>,
    span: Span,
    definition: Span,
}

type Operands = SmallVec<[Operand; 4]>;
type Types = SmallVec<[TypeId; 4]>;

impl Parser<'_> {
    /// Reads an operation into a block, or into `reuse`, the module itself. Goes on behind it if it is broken.
    pub(super) fn operation_or_skip(&mut self, block: Option<BlockId>, reuse: Option<OpId>) {
        let start = self.token.start;
        if self.operation(block, reuse).is_err() {
            self.recover(start);
        }
    }

    fn operation(&mut self, block: Option<BlockId>, reuse: Option<OpId>) -> Parsed<()> {
        let names = self.result_names()?;
        match self.named_operation(&names, reuse) {
            Ok(op) => {
                let mut first = 0;
                for name in &names {
                    let operation = self.module.op(op);
                    let end = first + name.count as usize;
                    let value = (end <= operation.result_count()).then(|| operation.result(first));
                    self.define(name, value);
                    first = end;
                }
                if let Some(block) = block {
                    self.module.append(block, op);
                }
                Ok(())
            }
            Err(reported) => {
                // The names are known all the same: uses of them are not wrong.
                names.iter().for_each(|name| self.define(name, None));
                Err(reported)
            }
        }
    }

    fn result_names(&mut self) -> Parsed<SmallVec<[ResultName; 2]>> {
        let mut names = SmallVec::new();
        while self.at(Kind::Value) {
            let token = self.advance();
            let name = self.module.symbol(&self.source[token.start + 1..token.end]);
            let count = if self.eat(Kind::Colon) { self.result_count()? } else { 1 };
            names.push(ResultName { name, count, span: token.span() });
            if !self.eat(Kind::Comma) {
                self.expect(Kind::Equal, "`=` or `,` after the name of a result")?;
                return Ok(names);
            }
        }
        if names.is_empty() { Ok(names) } else { Err(self.expected("the name of a result")) }
    }

    fn result_count(&mut self) -> Parsed<u32> {
        let token = self.expect(Kind::Integer, "a number of results")?;
        match self.text(token).parse() {
            Ok(count) if count > 0 => Ok(count),
            _ => Err(self.error(token.span(), "a name stands for at least one result, and less than 2^32", |d| d)),
        }
    }

    fn define(&mut self, name: &ResultName, first: Option<ValueId>) {
        if let Some(first) = first {
            for i in 0..name.count as usize {
                self.module.value_mut(ValueId::new(first.index() + i)).name = Some(name.name);
            }
        }
        self.bind(name.name, first, name.count, name.span);
    }

    fn bind(&mut self, name: Symbol, first: Option<ValueId>, count: u32, span: Span) {
        if let Some(before) = self.names.bind(name, first, count, span) {
            let message = format!("%{} is defined twice", self.module.str(name));
            self.record(
                Diagnostic::error(span, message)
                    .label("defined again here")
                    .related(before, "first defined here")
                    .help("give each value of a region a name of its own"),
            );
        }
        if let Some(used) = self.names.used_before(name) {
            let message = format!("%{} is used before its definition", self.module.str(name));
            self.record(
                Diagnostic::error(used, message)
                    .label("used here")
                    .related(span, "defined here")
                    .help("order the operations so that each value is defined before it is read"),
            );
        }
    }

    /// Reports the names that were never defined.
    pub(super) fn undefined_values(&mut self) {
        for (name, span) in self.names.undefined() {
            let message = format!("%{} is not defined", self.module.str(name));
            let help = "define it in this region, before this place, or in a region around it";
            self.record(Diagnostic::error(span, message).label("used here").help(help));
        }
    }

    fn named_operation(&mut self, names: &[ResultName], reuse: Option<OpId>) -> Parsed<OpId> {
        let span = self.token.span();
        let name = self.operation_name()?;
        self.expect(Kind::LeftParen, "`(` and the operands")?;
        let mut operands = Operands::new();
        self.list(Kind::RightParen, "`,` or `)` after an operand", |p| {
            operands.push(p.operand()?);
            Ok(())
        })?;
        self.successors()?;
        let properties = if self.eat(Kind::Less) {
            let properties = self.dictionary()?;
            self.expect(Kind::Greater, "`>` after the properties")?;
            Some(properties)
        } else {
            None
        };
        let values = operands.iter().filter_map(|operand| operand.value).collect();
        let parts = OpParts { operands: values, properties, span, ..OpParts::default() };
        let op = match reuse {
            Some(root) => {
                let operation = self.module.op_mut(root);
                (operation.properties, operation.span) = (parts.properties, span);
                root
            }
            None => self.module.create_op(name, parts),
        };
        self.regions(op, reuse.is_some())?;
        if self.at(Kind::LeftBrace) {
            self.module.op_mut(op).attributes = self.dictionary()?;
        }
        self.expect(Kind::Colon, "`:` and the type of the operation")?;
        let (inputs, results) = self.nested(Self::signature)?;
        self.check_operands(span, &operands, &inputs);
        self.check_results(span, names, &results);
        self.module.add_results(op, &results);
        if self.at_word("loc") {
            self.module.op_mut(op).location = Some(self.location()?);
        }
        if reuse.is_some() {
            self.check_module(op, &operands);
        }
        Ok(op)
    }

    fn operation_name(&mut self) -> Parsed<Symbol> {
        if self.at(Kind::Identifier) {
            let word = self.text(self.token);
            let message = format!("expected an operation in quotes, found `{word}`");
            return Err(self.error(self.token.span(), message, |d| {
                d.label("MLIR's pretty form begins like this")
                    .help("memopt reads the generic form: convert the file with mlir-opt --mlir-print-op-generic")
            }));
        }
        let token = self.expect(Kind::String, "an operation")?;
        let name = self.utf8_string(token)?;
        if name.is_empty() {
            return Err(self.error(token.span(), "an operation needs a name", |d| d));
        }
        Ok(self.module.symbol(&name))
    }

    /// `%y#1`
    fn operand(&mut self) -> Parsed<Operand> {
        let token = self.expect(Kind::Value, "an operand")?;
        let name = self.module.symbol(&self.source[token.start + 1..token.end]);
        let mut span = token.span();
        let mut index = 0;
        if self.at(Kind::Hash) {
            let number = self.advance();
            span = Span::new(token.start, number.end);
            index = match self.source[number.start + 1..number.end].parse::<u32>() {
                Ok(index) => index,
                Err(_) => return Err(self.error(number.span(), "expected the number of a result after `#`", |d| d)),
            };
        }
        let Some(binding) = self.names.find(name) else {
            self.names.missing(name, span);
            return Ok(Operand { value: None, span, definition: span });
        };
        if index >= binding.count {
            let message = format!("%{} has {} result(s), there is no #{index}", self.module.str(name), binding.count);
            self.record(Diagnostic::error(span, message).label("used here").related(binding.span, "defined here"));
            return Ok(Operand { value: None, span, definition: binding.span });
        }
        let value = binding.first.map(|first| ValueId::new(first.index() + index as usize));
        Ok(Operand { value, span, definition: binding.span })
    }

    /// `[^bb1, ^bb2]`, which memopt cannot plan.
    fn successors(&mut self) -> Parsed<()> {
        if !self.at(Kind::LeftBracket) {
            return Ok(());
        }
        let start = self.advance().start;
        self.list(Kind::RightBracket, "`,` or `]` after a successor", |p| {
            p.expect(Kind::Label, "a successor block")?;
            Ok(())
        })?;
        let message = "this operation branches to other blocks, which memopt does not plan";
        self.record(
            Diagnostic::error(Span::new(start, self.last_end), message)
                .label("successors")
                .help("raise branches to structured operations: stablehlo.while, stablehlo.if, scf.for, scf.if"),
        );
        Ok(())
    }

    fn check_operands(&mut self, op: Span, operands: &Operands, types: &Types) {
        if operands.len() != types.len() {
            let message = format!("the operation has {} operands, but types for {}", operands.len(), types.len());
            self.record(Diagnostic::error(op, message).help("write one type for each operand before `->`"));
            return;
        }
        for (operand, &written) in operands.iter().zip(types) {
            let Some(value) = operand.value else { continue };
            let defined = self.module.value(value).ty;
            if defined != written {
                let name = &self.source[operand.span.start as usize..operand.span.end as usize];
                let (defined, written) = (type_text(&self.module, defined), type_text(&self.module, written));
                let message = format!("{name} is a {}, but is read as a {}", shortened(&defined), shortened(&written));
                self.record(
                    Diagnostic::error(operand.span, message)
                        .label("read here")
                        .related(operand.definition, "defined here"),
                );
            }
        }
    }

    fn check_results(&mut self, op: Span, names: &[ResultName], types: &Types) {
        let named: u64 = names.iter().map(|name| u64::from(name.count)).sum();
        if !names.is_empty() && named != types.len() as u64 {
            let message = format!("the operation names {named} results, but has types for {}", types.len());
            self.record(Diagnostic::error(op, message).help("write one type for each result after `->`"));
        }
    }

    fn check_module(&mut self, op: OpId, operands: &Operands) {
        let operation = self.module.op(op);
        let region = operation.regions().first().map(|&region| self.module.region(region).blocks());
        let plain = operands.is_empty() && operation.result_count() == 0 && operation.regions().len() == 1;
        let plain_region = region.is_some_and(|all| all.len() == 1 && self.module.block(all[0]).arguments().is_empty());
        if !plain || !plain_region {
            let message = "builtin.module has no operands and results, and one region of one block without arguments";
            self.record(Diagnostic::error(operation.span, message));
        }
    }
}

/// Regions and blocks.
impl Parser<'_> {
    /// `({...}, {...})`. The module's own region and block are there already.
    fn regions(&mut self, op: OpId, is_root: bool) -> Parsed<()> {
        if !self.eat(Kind::LeftParen) {
            return Ok(());
        }
        let mut reused = is_root.then(|| self.module.top_level());
        self.list(Kind::RightParen, "`,` or `)` after a region", |p| {
            let first = reused.take();
            p.nested(|p| p.region(op, first))
        })
    }

    fn region(&mut self, op: OpId, first: Option<BlockId>) -> Parsed<()> {
        let open = self.expect(Kind::LeftBrace, "`{` and a region")?;
        let region = match first {
            Some(block) => self.module.block(block).region(),
            None => self.module.add_region(op),
        };
        self.names.open();
        let result = self.blocks(region, first);
        self.names.close();
        result?;
        if !self.at(Kind::RightBrace) {
            let found = if self.at(Kind::End) { "the end of the text" } else { "something else" };
            let message = format!("expected `}}` at the end of a region, found {found}");
            return Err(self.error(self.token.span(), message, |d| d.related(open.span(), "the region begins here")));
        }
        self.advance();
        Ok(())
    }

    fn blocks(&mut self, region: crate::ir::RegionId, first: Option<BlockId>) -> Parsed<()> {
        let mut labels = rustc_hash::FxHashMap::default();
        let mut first = first;
        if !self.at(Kind::Label) && !self.at(Kind::RightBrace) {
            let block = first.take().unwrap_or_else(|| self.module.add_block(region));
            self.block_body(block);
        }
        while self.at(Kind::Label) {
            let block = first.take().unwrap_or_else(|| self.module.add_block(region));
            let label = self.advance();
            if let Some(before) = labels.insert(self.text(label), label.span()) {
                let message = format!("{} is defined twice", self.text(label));
                self.record(Diagnostic::error(label.span(), message).related(before, "first defined here"));
            }
            if self.eat(Kind::LeftParen) {
                self.list(Kind::RightParen, "`,` or `)` after a block argument", |p| p.block_argument(block))?;
            }
            self.expect(Kind::Colon, "`:` after the label of a block")?;
            self.block_body(block);
        }
        Ok(())
    }

    /// `%arg0: tensor<4xf32> loc(...)`
    fn block_argument(&mut self, block: BlockId) -> Parsed<()> {
        let token = self.expect(Kind::Value, "a block argument")?;
        let name = self.module.symbol(&self.source[token.start + 1..token.end]);
        self.expect(Kind::Colon, "`:` and the type of the block argument")?;
        let ty = self.ty()?;
        let location: Option<AttrId> = if self.at_word("loc") { Some(self.location()?) } else { None };
        let value = self.module.add_argument(block, ty);
        let entry = self.module.value_mut(value);
        (entry.name, entry.location) = (Some(name), location);
        self.bind(name, Some(value), 1, token.span());
        Ok(())
    }

    fn block_body(&mut self, block: BlockId) {
        while !matches!(self.token.kind, Kind::RightBrace | Kind::Label | Kind::End) {
            self.operation_or_skip(Some(block), None);
        }
    }
}

/// The beginning of a type, for messages.
fn shortened(ty: &str) -> String {
    match ty.char_indices().nth(120) {
        Some((end, _)) => format!("{}...", &ty[..end]),
        None => ty.to_owned(),
    }
}
