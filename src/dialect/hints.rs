//! The facts about every operation of a module: what the registry knows, overridden by the hints in the text.
//!
//! Hints are discardable attributes that any producer may write on any operation. A module or function that says
//! `memopt.hints = "complete"` promises that in it nothing happens that neither a dialect nor a hint says: where nobody knows
//! the effects or the workspace of an operation, there are none, and an undescribed operation is fresh. What a dialect does
//! know (that random numbers are drawn, that a result *may* overwrite an operand, what work costs) the promise leaves alone.

use smallvec::SmallVec;

use super::facts::{OpFacts, Recompute, ResultFacts, Tie, Workspace};
use super::interface::{Aliasing, Effects, Extent, KernelKind, OpRef, Overwrite, Regions};
use super::registry::{OpDescription, Registry, UNDESCRIBED};
use crate::diag::Diagnostic;
use crate::ir::{Attr, Bytes, Module, NamedAttr, OpId, SizeError, Symbol, Type, ValueId};

/// The facts about all operations of a module, and the bytes of all its values.
#[derive(Clone, Debug)]
pub struct Facts {
    ops: Vec<Option<OpFacts>>,
    bytes: Vec<Bytes>,
    have_references: bool,
}

impl Facts {
    /// Asks registry and hints about every operation inside `function` of `module`. Scalar bodies are not entered.
    ///
    /// # Errors
    /// All hints that are malformed or name operands and results that do not exist, and all values whose bytes nobody
    /// knows.
    pub fn of(module: &Module, function: OpId, registry: &Registry) -> Result<Facts, Vec<Diagnostic>> {
        Collector::new(module, function, registry).collect(function)
    }

    /// The facts about an operation inside the function.
    ///
    /// # Panics
    /// For operations of scalar bodies and of other functions.
    pub fn op(&self, op: OpId) -> &OpFacts {
        self.ops[op.index()].as_ref().expect("facts are asked about operations of the analysed function")
    }

    /// Exact bytes of a value; zero for values of scalar bodies and of other functions.
    pub fn bytes(&self, value: ValueId) -> Bytes {
        self.bytes[value.index()]
    }

    /// Whether any value of the module may be a reference to memory.
    pub(crate) fn have_references(&self) -> bool {
        self.have_references
    }
}

/// The hints of operations. A planned file repeats them as they are.
pub const HINTS: [&str; 9] = [
    "memopt.alias",
    "memopt.inplace",
    "memopt.update",
    "memopt.bytes",
    "memopt.workspace",
    "memopt.flops",
    "memopt.cost_ns",
    "memopt.recompute",
    "memopt.effects",
];

/// The hints that an operation has.
pub fn hints_of(module: &Module, op: OpId) -> impl Iterator<Item = NamedAttr> {
    let attributes = module.op(op).attributes.iter().copied();
    attributes.filter(|&(name, _)| HINTS.contains(&module.str(name)))
}

/// The names of the hints, looked up once: a name no entity has is no hint of any operation.
struct HintNames {
    alias: Option<Symbol>,
    inplace: Option<Symbol>,
    update: Option<Symbol>,
    bytes: Option<Symbol>,
    workspace: Option<Symbol>,
    flops: Option<Symbol>,
    cost_ns: Option<Symbol>,
    recompute: Option<Symbol>,
    effects: Option<Symbol>,
    /// The decision of a pass, not a hint.
    fused: Option<Symbol>,
}

impl HintNames {
    fn all(&self) -> SmallVec<[Symbol; 9]> {
        let HintNames { alias, inplace, update, bytes, workspace, flops, cost_ns, recompute, effects, fused: _ } =
            *self;
        [alias, inplace, update, bytes, workspace, flops, cost_ns, recompute, effects].into_iter().flatten().collect()
    }
}

struct Collector<'m> {
    module: &'m Module,
    names: HintNames,
    /// Those that occur in the module.
    hints: SmallVec<[Symbol; 9]>,
    /// The description of each operation name, looked up once.
    descriptions: Vec<Option<Option<OpDescription>>>,
    /// The bytes of each type, looked up once.
    sizes: Vec<Option<Result<Bytes, SizeError>>>,
    registry: &'m Registry,
    complete: bool,
    facts: Facts,
    errors: Vec<Diagnostic>,
}

impl<'m> Collector<'m> {
    fn new(module: &'m Module, function: OpId, registry: &'m Registry) -> Self {
        let find = |name| module.find_symbol(name);
        let names = HintNames {
            alias: find("memopt.alias"),
            inplace: find("memopt.inplace"),
            update: find("memopt.update"),
            bytes: find("memopt.bytes"),
            workspace: find("memopt.workspace"),
            flops: find("memopt.flops"),
            cost_ns: find("memopt.cost_ns"),
            recompute: find("memopt.recompute"),
            effects: find("memopt.effects"),
            fused: find("memopt.virtual"),
        };
        let complete = [function, module.root()].into_iter().any(|op| {
            matches!(module.find_attr(op, "memopt.hints"),
                Some(Attr::String { value, .. }) if &**value == b"complete")
        });
        Collector {
            module,
            hints: names.all(),
            names,
            descriptions: vec![None; module.symbol_bound()],
            sizes: vec![None; module.types().len()],
            registry,
            complete,
            facts: Facts {
                ops: vec![None; module.op_bound()],
                bytes: vec![Bytes::ZERO; module.value_bound()],
                have_references: module.types().iter().any(is_reference),
            },
            errors: Vec::new(),
        }
    }

    fn collect(mut self, function: OpId) -> Result<Facts, Vec<Diagnostic>> {
        let mut bodies = self.module.op(function).regions().to_vec();
        while let Some(region) = bodies.pop() {
            for &block in self.module.region(region).blocks() {
                for &argument in self.module.block(block).arguments() {
                    let span = self.module.op(self.module.block_owner(block)).span;
                    self.facts.bytes[argument.index()] = self.type_bytes(argument, span);
                }
                for &op in self.module.block(block).ops() {
                    let facts = self.op_facts(op);
                    if matches!(facts.regions, Regions::Loop { .. } | Regions::Branches) {
                        bodies.extend(self.module.op(op).regions());
                    }
                    self.facts.ops[op.index()] = Some(facts);
                }
            }
        }
        if self.errors.is_empty() {
            return Ok(self.facts);
        }
        self.errors.sort_by_key(|error| error.span.start);
        Err(self.errors)
    }

    fn type_bytes(&mut self, value: ValueId, span: crate::ir::Span) -> Bytes {
        let module = self.module;
        let size = &mut self.sizes[module.value(value).ty.index()];
        let (problem, help) = match *size.get_or_insert_with(|| module.type_bytes(value)) {
            Ok(bytes) => return bytes,
            Err(SizeError::Dynamic) => {
                ("has a shape known only at run time", "export the program with static shapes, one file for each shape")
            }
            Err(SizeError::Opaque) => {
                ("has a type whose bytes nobody knows", "say them: memopt.bytes = [[result, bytes]]")
            }
            Err(SizeError::TooLarge) => ("is larger than 2^46 bytes", "check its shape"),
        };
        let name = module.display_value(value);
        self.errors.push(Diagnostic::error(span, format!("{name} {problem}")).label("defined here").help(help));
        Bytes::ZERO
    }

    fn op_facts(&mut self, id: OpId) -> OpFacts {
        let op = OpRef::new(self.module, id);
        let known = self.describe(op);
        let description = known.unwrap_or(UNDESCRIBED);
        let mut facts = self.described_facts(op, description);
        if self.complete {
            facts.workspace = Workspace::Known(facts.workspace.bytes());
            // Unknown effects of a region may hide random ones of a described operation beside them.
            if facts.effects == Effects::Unknown && (known.is_none() || op.op().regions().is_empty()) {
                facts.effects = Effects::None;
            }
        }
        if self.has_hints(op) {
            self.apply_hints(op, &mut facts);
        }
        if !facts.updates.is_empty() {
            let OpFacts { ties, updates, .. } = &mut facts;
            ties.retain(|tie| updates.iter().all(|update| update.result != tie.result));
        }
        for result in 0..facts.results.len() {
            self.facts.bytes[op.op().result(result).index()] = facts.results[result].bytes;
        }
        facts
    }

    fn describe(&mut self, op: OpRef<'m>) -> Option<OpDescription> {
        let slot = &mut self.descriptions[op.op().name.index()];
        *slot.get_or_insert_with(|| self.registry.get(op.name()).copied())
    }

    fn described_facts(&mut self, op: OpRef<'m>, description: OpDescription) -> OpFacts {
        let memory = description.memory;
        let sized_by_hint = self.hint(op, self.names.bytes).is_some();
        let mut facts = OpFacts {
            says_all: memory.says_all(op),
            effects: memory.effects(op),
            kind: memory.kind(op),
            regions: if op.op().regions().is_empty() { Regions::Scalar } else { memory.regions(op) },
            results: SmallVec::new(),
            ties: SmallVec::new(),
            updates: SmallVec::new(),
            in_step: in_step(op, memory.kind(op)),
            fused: self.hint(op, self.names.fused).is_some(),
            joins: memory.joins(op) && !sized_by_hint,
            workspace: (self.registry.workspace(op).or_else(|| memory.workspace(op)))
                .map_or(Workspace::Unknown, Workspace::Known),
            flops: description.cost.flops(op),
            bytes_moved: description.cost.bytes(op),
            cost_ns: None,
            recompute: Recompute::Default,
        };
        for result in 0..op.op().result_count() {
            let value = op.op().result(result);
            let bytes = match sized_by_hint {
                true => self.module.type_bytes(value).unwrap_or(Bytes::ZERO),
                false => self.type_bytes(value, op.op().span),
            };
            let aliasing = memory.aliasing(op, result);
            let (virtual_kind, fusible) = (memory.virtual_kind(op, result), memory.fusible(op, result));
            facts.results.push(ResultFacts { bytes, aliasing, virtual_kind, fusible });
            for operand in 0..op.operands().len() {
                let tie = Tie { result: result as u32, operand: operand as u32 };
                match memory.overwrite(op, result, operand) {
                    Overwrite::Never => {}
                    Overwrite::May => facts.ties.push(tie),
                    Overwrite::Must => facts.updates.push(tie),
                }
            }
        }
        facts
    }

    fn hint(&self, op: OpRef<'m>, name: Option<Symbol>) -> Option<&'m Attr> {
        let name = name?;
        let found = op.op().attributes.iter().find(|(key, _)| *key == name);
        found.map(|&(_, value)| self.module.attr(value))
    }

    fn has_hints(&self, op: OpRef<'m>) -> bool {
        op.op().attributes.iter().any(|(key, _)| self.hints.contains(key))
    }

    fn apply_hints(&mut self, op: OpRef<'m>, facts: &mut OpFacts) {
        for [result, bytes] in self.pairs(op, self.names.bytes, "memopt.bytes") {
            match u64::try_from(bytes).ok().map(Bytes).filter(|&n| n <= crate::ir::MAX_VALUE_BYTES) {
                Some(bytes) => facts.results[result as usize].bytes = bytes,
                None => self.malformed(op, "memopt.bytes", "a number of bytes from 0 to 2^46"),
            }
        }
        for [result, operand] in self.ties(op, self.names.alias, "memopt.alias") {
            facts.results[result].aliasing = self.hinted_view(op, facts.results[result].aliasing, operand);
            (facts.results[result].virtual_kind, facts.results[result].fusible) = (None, None);
            facts.joins = false;
            facts.updates.retain(|tie| tie.result as usize != result);
        }
        let inplace = self.ties(op, self.names.inplace, "memopt.inplace");
        if !inplace.is_empty() {
            facts.ties = inplace.iter().map(|&[result, operand]| tie(result, operand)).collect();
            facts.in_step.clear();
            facts.joins = false;
        }
        let updates = self.ties(op, self.names.update, "memopt.update");
        if !updates.is_empty() {
            facts.updates = updates.iter().map(|&[result, operand]| tie(result, operand)).collect();
            for &[result, _] in &updates {
                facts.results[result].aliasing = Aliasing::Fresh;
                (facts.results[result].virtual_kind, facts.results[result].fusible) = (None, None);
                facts.joins = false;
            }
        }
        if let Some(bytes) = self.number(op, self.names.workspace, "memopt.workspace") {
            facts.workspace = Workspace::Known(Bytes(bytes));
        }
        facts.flops = self.number(op, self.names.flops, "memopt.flops").or(facts.flops);
        facts.cost_ns = self.number(op, self.names.cost_ns, "memopt.cost_ns");
        facts.effects = self.word(op, self.names.effects, "memopt.effects", &Effects::HINTS).unwrap_or(facts.effects);
        let rules = [("never", Recompute::Never), ("allow", Recompute::Allow)];
        facts.recompute = self.word(op, self.names.recompute, "memopt.recompute", &rules).unwrap_or(facts.recompute);
    }

    /// The view that `memopt.alias` says. The hint does not say which bytes; where the dialect knows a view of the same operand,
    /// it does, unless another hint gave the operand a layout that its type does not tell.
    fn hinted_view(&self, op: OpRef<'m>, described: Aliasing, operand: usize) -> Aliasing {
        let value = op.operands()[operand];
        let by_type = self.module.type_bytes(value) == Ok(self.facts.bytes(value));
        match described {
            Aliasing::View { operand: known, .. } if known == operand && by_type => described,
            _ => Aliasing::View { operand, extent: Extent::Opaque },
        }
    }

    /// A hint `[[result, n], ...]`, results checked.
    fn pairs(&mut self, op: OpRef<'m>, name: Option<Symbol>, text: &str) -> SmallVec<[[i64; 2]; 2]> {
        let Some(attr) = self.hint(op, name) else { return SmallVec::new() };
        let results = op.op().result_count() as i64;
        let pairs = self.module.pairs_of(attr);
        pairs.filter(|pairs| pairs.iter().all(|[result, _]| (0..results).contains(result))).unwrap_or_else(|| {
            self.malformed(op, text, &format!("a list of pairs [result, n] with results below {results}"));
            SmallVec::new()
        })
    }

    /// A hint `[[result, operand], ...]`, both checked.
    fn ties(&mut self, op: OpRef<'m>, name: Option<Symbol>, text: &str) -> SmallVec<[[usize; 2]; 2]> {
        let operands = op.operands().len();
        let pairs = self.pairs(op, name, text);
        let tie = |&[result, operand]: &[i64; 2]| match usize::try_from(operand) {
            Ok(operand) if operand < operands => Some([result as usize, operand]),
            _ => None,
        };
        let ties: Option<SmallVec<_>> = pairs.iter().map(tie).collect();
        ties.unwrap_or_else(|| {
            self.malformed(op, text, &format!("a list of pairs [result, operand] with operands below {operands}"));
            SmallVec::new()
        })
    }

    fn number(&mut self, op: OpRef<'m>, name: Option<Symbol>, text: &str) -> Option<u64> {
        match self.hint(op, name)? {
            &Attr::Integer { value, .. } if (0..=1 << 62).contains(&value) => Some(value as u64),
            _ => {
                self.malformed(op, text, "an integer from 0 to 2^62");
                None
            }
        }
    }

    fn word<T: Copy>(&mut self, op: OpRef<'m>, name: Option<Symbol>, text: &str, words: &[(&str, T)]) -> Option<T> {
        let attr = self.hint(op, name)?;
        let found =
            words.iter().find(|(word, _)| matches!(attr, Attr::String { value, .. } if **value == *word.as_bytes()));
        if found.is_none() {
            let words: Vec<_> = words.iter().map(|(word, _)| format!("{word:?}")).collect();
            self.malformed(op, text, &format!("one of {}", words.join(", ")));
        }
        found.map(|&(_, meaning)| meaning)
    }

    fn malformed(&mut self, op: OpRef<'m>, hint: &str, expected: &str) {
        let message = format!("{hint} of {} is malformed", op.name());
        self.errors.push(
            Diagnostic::error(op.op().span, message).label("on this operation").help(format!("write {expected}")),
        );
    }
}

/// The operands that an elementwise operation reads at the index that it writes: those of the shape of the result. Others are
/// read for many of its elements.
fn in_step(op: OpRef<'_>, kind: KernelKind) -> SmallVec<[u32; 4]> {
    let result = op.result_tensor(0).filter(|_| kind == KernelKind::Elementwise && op.op().result_count() == 1);
    let Some(result) = result else { return SmallVec::new() };
    let alike = |&operand: &u32| match op.operand_tensor(operand as usize) {
        Some(tensor) => tensor.shape == result.shape && tensor.encoding == result.encoding,
        None => false,
    };
    (0..op.operands().len() as u32).filter(alike).collect()
}

fn tie(result: usize, operand: usize) -> Tie {
    Tie { result: result as u32, operand: operand as u32 }
}

/// Whether a value is a reference to memory rather than a value: such values alias by default.
pub(crate) fn is_reference(ty: &Type) -> bool {
    matches!(ty, Type::MemRef { .. } | Type::UnrankedMemRef { .. })
}
