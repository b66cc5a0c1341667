//! The names of values, and where they can be seen.
//!
//! - [`Binding`]: what a name stands for at this place of the text.
//! - [`Names`]: all bindings. Each region opens a scope; a name of an outer scope is visible in inner ones and may be bound
//!   anew there.
//! - A name that is not bound yet is *pending*: if it is bound later in its scope or one around it, it was used before its
//!   definition, and if not, it is undefined.

use rustc_hash::FxHashMap;

use crate::ir::{Span, Symbol, ValueId};

/// What a name stands for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Binding {
    /// The first of its values; `None` if the operation that defines it is broken.
    pub(super) first: Option<ValueId>,
    /// How many values it has.
    pub(super) count: u32,
    /// Where it was defined.
    pub(super) span: Span,
    /// The scope it belongs to, by serial number.
    scope: u32,
}

#[derive(Debug)]
struct Scope {
    serial: u32,
    /// How many bindings had been replaced when the scope was opened.
    replaced: usize,
    /// How many uses had been pending.
    pending: u32,
}

/// All bindings.
#[derive(Default, Debug)]
pub(super) struct Names {
    /// By [`Symbol`]: the binding that is visible now.
    visible: Vec<Option<Binding>>,
    scopes: Vec<Scope>,
    scopes_opened: u32,
    /// What the bindings of the open scopes replaced.
    replaced: Vec<(Symbol, Option<Binding>)>,
    pending: FxHashMap<Symbol, Vec<(u32, Span)>>,
    pending_seen: u32,
}

impl Names {
    pub(super) fn open(&mut self) {
        self.scopes_opened += 1;
        let scope = Scope { serial: self.scopes_opened, replaced: self.replaced.len(), pending: self.pending_seen };
        self.scopes.push(scope);
    }

    pub(super) fn close(&mut self) {
        let scope = self.scopes.pop().expect("a scope is open");
        for (name, before) in self.replaced.drain(scope.replaced..).rev() {
            self.visible[name.index()] = before;
        }
    }

    pub(super) fn find(&self, name: Symbol) -> Option<Binding> {
        self.visible.get(name.index()).copied().flatten()
    }

    /// Notes a use of a name that is not bound.
    pub(super) fn missing(&mut self, name: Symbol, span: Span) {
        self.pending.entry(name).or_default().push((self.pending_seen, span));
        self.pending_seen += 1;
    }

    /// Binds a name in the innermost scope. The answer is the earlier definition in the same scope, if there is one.
    pub(super) fn bind(&mut self, name: Symbol, first: Option<ValueId>, count: u32, span: Span) -> Option<Span> {
        let scope = self.scopes.last().expect("a scope is open").serial;
        if self.visible.len() <= name.index() {
            self.visible.resize(name.index() + 1, None);
        }
        let slot = &mut self.visible[name.index()];
        let before = *slot;
        if let Some(before) = before.filter(|before| before.scope == scope) {
            return Some(before.span);
        }
        *slot = Some(Binding { first, count, span, scope });
        self.replaced.push((name, before));
        None
    }

    /// The first use of a name inside the innermost scope that came before the name was bound; called when it is.
    pub(super) fn used_before(&mut self, name: Symbol) -> Option<Span> {
        if self.pending.is_empty() {
            return None;
        }
        let since = self.scopes.last().expect("a scope is open").pending;
        let uses = self.pending.get_mut(&name)?;
        let first = uses.partition_point(|(seen, _)| *seen < since);
        let found = uses.get(first).map(|(_, span)| *span);
        uses.truncate(first);
        found
    }

    /// The first use of each name that was never bound where it could be seen.
    pub(super) fn undefined(&self) -> Vec<(Symbol, Span)> {
        let first = self.pending.iter().filter_map(|(name, uses)| uses.first().map(|(_, span)| (*name, *span)));
        let mut all: Vec<_> = first.collect();
        all.sort_by_key(|(_, span)| span.start);
        all
    }
}
