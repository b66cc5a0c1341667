//! The graph: operations are nodes, uses are edges from the operation that defines a value to the one that reads it.
//!
//! This is the only file that names petgraph. A block argument is defined by the operation that owns its region, so an
//! edge may lead from a loop to an operation of its body; such edges keep the graph acyclic, since no edge leads out of a
//! region to its owner.

use petgraph::Direction;
use petgraph::stable_graph::{NodeIndex, StableDiGraph};
use petgraph::visit::EdgeRef;

use super::entities::OpId;
use super::nodes::Operation;

/// One operand of one operation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Use {
    /// The operation that reads.
    pub op: OpId,
    /// Which of its operands.
    pub operand: u32,
}

/// Operations and the uses between them.
#[derive(Clone, Default, Debug)]
pub(super) struct Graph {
    inner: StableDiGraph<Operation, u32>,
}

fn node(op: OpId) -> NodeIndex {
    NodeIndex::new(op.index())
}

impl Graph {
    pub(super) fn add(&mut self, op: Operation) -> OpId {
        OpId::new(self.inner.add_node(op).index())
    }

    pub(super) fn remove(&mut self, op: OpId) {
        self.inner.remove_node(node(op));
    }

    pub(super) fn get(&self, op: OpId) -> &Operation {
        &self.inner[node(op)]
    }

    pub(super) fn get_mut(&mut self, op: OpId) -> &mut Operation {
        &mut self.inner[node(op)]
    }

    /// One more than the largest id in use.
    pub(super) fn bound(&self) -> usize {
        use petgraph::visit::NodeIndexable;
        self.inner.node_bound()
    }

    pub(super) fn connect(&mut self, definition: OpId, reader: Use) {
        self.inner.add_edge(node(definition), node(reader.op), reader.operand);
    }

    pub(super) fn disconnect(&mut self, definition: OpId, reader: Use) {
        let edge = self
            .inner
            .edges_connecting(node(definition), node(reader.op))
            .find(|edge| *edge.weight() == reader.operand)
            .map(|edge| edge.id());
        if let Some(edge) = edge {
            self.inner.remove_edge(edge);
        }
    }

    pub(super) fn disconnect_all(&mut self) {
        self.inner.clear_edges();
    }

    /// All operations, detached ones too.
    pub(super) fn ops(&self) -> Vec<OpId> {
        self.inner.node_indices().map(|node| OpId::new(node.index())).collect()
    }

    /// Every use of every value that `op` defines, block arguments of its regions included; order unspecified.
    pub(super) fn uses_of(&self, op: OpId) -> impl Iterator<Item = Use> {
        self.inner
            .edges_directed(node(op), Direction::Outgoing)
            .map(|edge| Use { op: OpId::new(edge.target().index()), operand: *edge.weight() })
    }
}
