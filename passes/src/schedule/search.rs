//! stub
use memopt::ir::Bytes;
use memopt::plan::{OrderProblem, OrderValue, StopReason};
use super::greedy;
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct SearchOptions { pub effort: u32 }
impl Default for SearchOptions { fn default() -> Self { SearchOptions { effort: 1 } } }
pub struct SearchOutcome { pub order: Vec<u32>, pub value: OrderValue, pub stop: StopReason, pub bound: Bytes }
pub fn search(problem: &OrderProblem, _options: &SearchOptions) -> SearchOutcome {
    let g = greedy(problem);
    SearchOutcome { order: g.order, value: g.value, stop: g.stop, bound: Bytes::ZERO }
}
