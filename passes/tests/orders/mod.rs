//! All orders of a tiny problem, one by one: the oracle of the exact algorithms.

use memopt::plan::OrderProblem;

/// The least value of all orders, one by one.
pub(crate) fn least_of_all_orders<T: Ord>(problem: &OrderProblem, value: &dyn Fn(&[u32]) -> T) -> T {
    let mut least = None;
    extend(problem, &mut Vec::new(), &mut |order| {
        let found = value(order);
        if least.as_ref().is_none_or(|least| found < *least) {
            least = Some(found);
        }
    });
    least.expect("the edges form no cycle")
}

/// Visits all orders that begin with `order`.
fn extend(problem: &OrderProblem, order: &mut Vec<u32>, visit: &mut dyn FnMut(&[u32])) {
    if order.len() == problem.kernels() {
        return visit(order);
    }
    for kernel in 0..problem.kernels() as u32 {
        let ready = problem.predecessors.row(kernel as usize).iter().all(|p| order.contains(p));
        if ready && !order.contains(&kernel) {
            order.push(kernel);
            extend(problem, order, visit);
            order.pop();
        }
    }
}
