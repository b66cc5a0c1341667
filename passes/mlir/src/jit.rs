//! Machine code from a lowered module: compiled and called in this process, or written as an object file.

use std::path::Path;
use std::time::Instant;

use melior::ExecutionEngine;

use crate::context::{context, parse, run_passes};
use crate::lower::{Lowered, ResultPlace, Signature};

/// From the dialects of the lowering to LLVM's. Pointers are passed bare: that needs static shapes, and is what makes
/// `llvm.noalias` land on the functions that are called.
const TO_LLVM: &str = "builtin.module(func.func(convert-vector-to-scf,convert-linalg-to-loops,lower-affine,\
    convert-scf-to-cf),expand-strided-metadata,lower-affine,convert-vector-to-llvm,convert-math-to-funcs{convert-ctlz=0},\
    convert-math-to-llvm,convert-math-to-libm,convert-arith-to-llvm,convert-index-to-llvm,finalize-memref-to-llvm,\
    convert-func-to-llvm{use-bare-ptr-memref-call-conv=1},convert-cf-to-llvm,convert-ub-to-llvm,canonicalize,cse,\
    reconcile-unrealized-casts)";

/// Memory that starts at a multiple of 64 bytes.
#[derive(Clone, Default)]
pub struct Buffer {
    lines: Vec<Line>,
    bytes: usize,
}

#[derive(Clone, Copy)]
#[repr(align(64))]
#[expect(dead_code, reason = "read and written as bytes, through pointers")]
struct Line([u8; 64]);

impl Buffer {
    /// So many bytes, each of this value.
    pub fn filled(bytes: usize, value: u8) -> Buffer {
        Buffer { lines: vec![Line([value; 64]); bytes.div_ceil(64)], bytes }
    }

    /// A copy of these bytes.
    pub fn from_bytes(bytes: &[u8]) -> Buffer {
        let mut buffer = Buffer::filled(bytes.len(), 0);
        buffer.as_mut_slice().copy_from_slice(bytes);
        buffer
    }

    /// The bytes.
    pub fn as_slice(&self) -> &[u8] {
        // SAFETY: the lines are consecutive bytes, at least `self.bytes` of them, all initialised.
        #[allow(unsafe_code)]
        unsafe {
            std::slice::from_raw_parts(self.lines.as_ptr().cast(), self.bytes)
        }
    }

    /// The bytes, to change them.
    pub fn as_mut_slice(&mut self) -> &mut [u8] {
        // SAFETY: as for `as_slice`, and `self` is borrowed exclusively.
        #[allow(unsafe_code)]
        unsafe {
            std::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast(), self.bytes)
        }
    }
}

/// A kernel that a library's user supplies: its symbol and its address.
#[derive(Clone, Copy, Debug)]
pub struct ExternKernel<'a> {
    /// The symbol, as [`LowerOptions::externs`](crate::LowerOptions::externs) names it.
    pub symbol: &'a str,
    /// The address of an extern "C" function.
    pub address: *const (),
}

/// How long compilation took, in seconds.
#[derive(Clone, Copy, Default, Debug)]
pub struct CompileTimes {
    /// Parsing and MLIR's passes.
    pub passes: f64,
    /// LLVM.
    pub code: f64,
}

/// A compiled function.
pub struct Compiled {
    engine: ExecutionEngine,
    entry: extern "C" fn(*mut *mut ()),
    /// What it is called with.
    pub signature: Signature,
    /// How long it took to compile.
    pub times: CompileTimes,
}

/// The lowered module in the LLVM dialect.
///
/// # Errors
/// What MLIR has to say against the module: an error in the lowering.
pub fn to_llvm_dialect(lowered: &Lowered) -> Result<String, String> {
    let context = context();
    let mut module = parse(&context, &lowered.text)?;
    run_passes(&context, &mut module, TO_LLVM)?;
    Ok(module.as_operation().to_string())
}

/// Compiles a lowered function for this machine.
///
/// # Errors
/// What MLIR has to say against the module: an error in the lowering.
pub fn compile(lowered: &Lowered, externs: &[ExternKernel<'_>]) -> Result<Compiled, String> {
    build(lowered, externs, false)
}

fn build(lowered: &Lowered, externs: &[ExternKernel<'_>], for_object: bool) -> Result<Compiled, String> {
    let started = Instant::now();
    let context = context();
    let mut module = parse(&context, &lowered.text)?;
    run_passes(&context, &mut module, TO_LLVM)?;
    let passes = started.elapsed().as_secs_f64();
    let engine = ExecutionEngine::new(&module, 3, &[], for_object, for_object);
    for kernel in externs {
        // SAFETY: the address is that of a function, which whoever made the ExternKernel answers for; code is not written.
        #[allow(unsafe_code)]
        unsafe {
            engine.register_symbol(kernel.symbol, kernel.address.cast_mut());
        }
    }
    let entry = engine.lookup(&format!("_mlir_{}", lowered.entry));
    if entry.is_null() {
        return Err(format!("LLVM made no code for @{}", lowered.entry));
    }
    // SAFETY: `_mlir_NAME` is the packed interface that the engine makes for every function: one array of pointers to the
    // arguments, followed by a pointer to the result.
    #[allow(unsafe_code)]
    let entry = unsafe { std::mem::transmute::<*mut (), extern "C" fn(*mut *mut ())>(entry) };
    let code = started.elapsed().as_secs_f64() - passes;
    Ok(Compiled { engine, entry, signature: lowered.signature.clone(), times: CompileTimes { passes, code } })
}

/// Upstream's own way from linalg on tensors to machine code, without memopt's plan: bufferized in one shot, each value in
/// memory of its own. What a planned run is held against.
pub struct Unplanned {
    _engine: ExecutionEngine,
    entry: extern "C" fn(*mut *mut ()),
}

impl Unplanned {
    /// Compiles the function `main` of a module of linalg on tensors.
    ///
    /// # Errors
    /// What MLIR has to say against the module.
    pub fn compile(text: &str) -> Result<Unplanned, String> {
        const BUFFERIZE: &str = "builtin.module(canonicalize,one-shot-bufferize{bufferize-function-boundaries \
            function-boundary-type-conversion=identity-layout-map},buffer-results-to-out-params{modify-public-functions=true},\
            canonicalize,cse)";
        let context = context();
        let mut module = parse(&context, text)?;
        run_passes(&context, &mut module, BUFFERIZE)?;
        run_passes(&context, &mut module, TO_LLVM)?;
        // Copies of strided memory are calls of MLIR's library. Its name ends in a zero, as melior hands on no length.
        let library = concat!(env!("MLIR_SYS_220_PREFIX"), "/lib/libmlir_c_runner_utils.so\0");
        let engine = ExecutionEngine::new(&module, 2, &[library], false, false);
        let entry = engine.lookup("_mlir_main");
        if entry.is_null() {
            return Err("LLVM made no code for @main".to_owned());
        }
        // SAFETY: as for `compile`.
        #[allow(unsafe_code)]
        let entry = unsafe { std::mem::transmute::<*mut (), extern "C" fn(*mut *mut ())>(entry) };
        Ok(Unplanned { _engine: engine, entry })
    }

    /// Runs the function once. Sizes are those of its arguments and results, which the caller answers for.
    pub fn call(&self, arguments: &mut [Buffer], results: &mut [Buffer]) {
        let mut pointers: Vec<*mut ()> =
            arguments.iter_mut().chain(results).map(|buffer| buffer.lines.as_mut_ptr().cast()).collect();
        let mut slots: Vec<*mut ()> = pointers.iter_mut().map(|pointer| std::ptr::from_mut(pointer).cast()).collect();
        (self.entry)(slots.as_mut_ptr());
    }
}

/// Writes an object file with the function `int NAME(void *arena, ...)`, for this machine.
///
/// # Errors
/// What MLIR has to say against the module, or that the file was not written.
pub fn write_object(lowered: &Lowered, path: &Path) -> Result<(), String> {
    let compiled = build(lowered, &[], true)?;
    let Some(path) = path.to_str() else { return Err("the path of the object is no UTF-8".to_owned()) };
    _ = std::fs::remove_file(path);
    compiled.engine.dump_to_object_file(path);
    match std::fs::metadata(path) {
        Ok(file) if file.len() > 0 => Ok(()),
        _ => Err(format!("{path} was not written")),
    }
}

/// The memory of a run: the arena, arguments and results, and the array of pointers that a call passes. Made once, it serves
/// any number of steps, none of which allocates.
pub struct Memory {
    /// The arena.
    pub arena: Buffer,
    /// The arguments; a donated one holds its result afterwards.
    pub arguments: Vec<Buffer>,
    /// Memory for the results that the caller passes, in order.
    pub results: Vec<Buffer>,
    pointers: Vec<*mut ()>,
    slots: Vec<*mut ()>,
    status: Box<i32>,
}

impl Memory {
    /// Memory for calls of a function: arguments as given, all else poisoned with a pattern that no program computes.
    ///
    /// # Errors
    /// An argument of another size.
    pub fn new(signature: &Signature, arguments: Vec<Buffer>) -> Result<Memory, String> {
        let sizes = arguments.iter().map(|argument| argument.bytes as u64);
        if !sizes.eq(signature.arguments.iter().map(|bytes| bytes.0)) {
            return Err("the arguments have other sizes than the function's".to_owned());
        }
        const POISON: u8 = 0xa5;
        let results = signature.passed_results().map(|k| Buffer::filled(signature.results[k].0 as usize, POISON));
        let mut memory = Memory {
            arena: Buffer::filled(signature.arena.0 as usize, POISON),
            arguments,
            results: results.collect(),
            pointers: Vec::new(),
            slots: Vec::new(),
            status: Box::new(0),
        };
        let arena = memory.arena.lines.as_mut_ptr().cast();
        let others = memory.arguments.iter_mut().filter(|buffer| buffer.bytes > 0).chain(&mut memory.results);
        memory.pointers = [arena].into_iter().chain(others.map(|buffer| buffer.lines.as_mut_ptr().cast())).collect();
        // The packed interface takes the address of each pointer, and of the result.
        memory.slots = memory.pointers.iter_mut().map(|pointer| std::ptr::from_mut(pointer).cast()).collect();
        memory.slots.push(std::ptr::from_mut(&mut *memory.status).cast());
        Ok(memory)
    }

    /// The bytes of a result after a call.
    pub fn result(&self, signature: &Signature, index: usize) -> &[u8] {
        let bytes = signature.results[index].0 as usize;
        match signature.places[index] {
            ResultPlace::Argument(argument) => &self.arguments[argument].as_slice()[..bytes],
            ResultPlace::Caller(at) => self.results[at].as_slice(),
            ResultPlace::Arena(start) => &self.arena.as_slice()[start as usize..start as usize + bytes],
            ResultPlace::Nothing => &[],
        }
    }
}

impl Compiled {
    /// Runs the function once.
    ///
    /// # Panics
    /// If the memory was made for another signature.
    pub fn call(&self, memory: &mut Memory) {
        let signature = &self.signature;
        let sizes = memory.arguments.iter().map(|b| b.bytes as u64).eq(signature.arguments.iter().map(|b| b.0));
        let results = signature.passed_results().map(|k| signature.results[k].0);
        let fits = memory.arena.bytes as u64 == signature.arena.0
            && sizes
            && memory.results.iter().map(|b| b.bytes as u64).eq(results);
        assert!(fits, "the memory of a call is made for its signature");
        // The buffers may have been exchanged since.
        let arena = memory.arena.lines.as_mut_ptr().cast();
        let others = memory.arguments.iter_mut().filter(|buffer| buffer.bytes > 0).chain(&mut memory.results);
        for (pointer, buffer) in
            memory.pointers.iter_mut().zip([arena].into_iter().chain(others.map(|b| b.lines.as_mut_ptr().cast())))
        {
            *pointer = buffer;
        }
        (self.entry)(memory.slots.as_mut_ptr());
    }
}
