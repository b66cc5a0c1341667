//! What the problem says of real programs is what the analyses and the cost model say of them, before and after.

use std::io::Read;
use std::path::Path;

use memopt::analysis::{Analysis, ScopeOrder, TieSource, inner_first};
use memopt::cost::flops;
use memopt::dialect::Registry;
use memopt::ir::{Bytes, Function, Module, OpId};
use memopt::pass::{ResultsIn, prepare};
use memopt::plan::evaluate;
use memopt::target::Target;
use memopt::text::{ParseLimits, parse};
use rustc_hash::FxHashMap;

use super::apply::{apply, chosen};
use super::extract::extract;
use super::problem::FuseProblem;
use super::profile::Profile;
use super::solve::{FuseOptions, fuse};
use super::tree::Trees;
use super::validate::validate_fuse;

/// Live bytes of the body's order, with all ties that are legal, and the flops of its operations.
fn measured(module: &Module, function: Function, target: &Target) -> (Bytes, u64) {
    let analysis = Analysis::of(module, function, &Registry::new(), target).unwrap();
    let peak = inner_first(&analysis.scopes.scopes, |scope, inner: &FxHashMap<OpId, Bytes>| {
        let order = ScopeOrder::extract(module, &analysis, scope, inner, TieSource::Legal);
        let kernels: Vec<u32> = (0..order.kernels.len() as u32).collect();
        Ok::<_, std::convert::Infallible>(evaluate(&order.problem, &kernels).peak)
    });
    let Ok(peak) = peak;
    let ops = module.block(function.body).ops().iter();
    (peak, ops.map(|&op| flops(module, &analysis.facts, op)).sum())
}

fn plain(problem: &FuseProblem) -> Profile {
    Profile::of(&mut Trees::new(problem), problem, &problem.always_virtual())
}

#[test]
fn problem_and_program_agree() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ir-tests/corpus");
    let (registry, target) = (Registry::new(), Target::default());
    let mut gains = 0;
    for name in
        ["tiny_cnn_train_sgd", "tiny_mlp_train_adam", "tiny_ops_misc", "tiny_softmax_layernorm", "mlp.train.b128"]
    {
        let mut text = String::new();
        let file = std::fs::File::open(corpus.join(format!("{name}.generic.mlir.gz"))).unwrap();
        flate2::read::MultiGzDecoder::new(file).read_to_string(&mut text).unwrap();
        let mut module = parse(&text, &ParseLimits::default()).unwrap();
        let function = module.functions()[0];
        prepare(&mut module, function, &registry, &target, ResultsIn::Caller).unwrap();
        let analysis = Analysis::of(&module, function, &registry, &target).unwrap();
        let mut found = None;
        let done = inner_first(&analysis.scopes.scopes, |scope, inner| {
            let extracted = extract(&module, &analysis, &target, scope, inner);
            let options = FuseOptions { max_overhead: 2.0, effort: 1 };
            let (solution, _) = fuse(&extracted.problem, &extracted.problem.always_virtual(), options);
            assert_eq!(validate_fuse(&extracted.problem, &solution), Ok(()), "{name}");
            found = Some((
                plain(&extracted.problem).peak,
                extracted.problem.total_flops(),
                chosen(&extracted, &solution),
                solution,
            ));
            // The regions are left as they are.
            Ok::<_, std::convert::Infallible>(Bytes(plain(&extracted.problem).peak as u64))
        });
        let Ok(_) = done;
        let (peak, total, virtual_ops, solution) = found.unwrap();
        assert_eq!((Bytes(peak as u64), total), measured(&module, function, &target), "{name} as it is");
        apply(&mut module, &virtual_ops);
        let (fused_peak, fused_flops) = measured(&module, function, &target);
        gains += u32::from(!virtual_ops.is_empty() && solution.peak < Bytes(peak as u64));
        assert_eq!(fused_peak, solution.peak, "{name} fused");
        assert_eq!(fused_flops.saturating_sub(total), solution.added_flops, "{name} flops");
    }
    assert!(gains >= 4, "only {gains} programs gain anything");
}
