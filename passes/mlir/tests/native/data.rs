//! Reference data: modules, and tensors in safetensors files.

use std::io::Read;
use std::path::{Path, PathBuf};

use memopt::ir::Module;

/// A file of the reference data, which lies beside the repository; `None` where it is not there.
pub(crate) fn path(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(name);
    let packed = PathBuf::from(format!("{}.gz", path.display()));
    [path, packed].into_iter().find(|path| path.exists())
}

pub(crate) fn text(path: &Path) -> String {
    let bytes = std::fs::read(path).unwrap();
    let mut text = String::new();
    match path.extension().is_some_and(|extension| extension == "gz") {
        true => _ = flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap(),
        false => text = String::from_utf8(bytes).unwrap(),
    }
    text
}

pub(crate) fn module(path: &Path) -> Module {
    memopt::text::parse(&text(path), &memopt::text::ParseLimits::default()).unwrap()
}

/// A tensor: its element type as safetensors spells it, and its bytes.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Tensor {
    pub(crate) dtype: String,
    pub(crate) bytes: Vec<u8>,
}

/// The tensors `in.000`, ... and `out.000`, ... of a file.
pub(crate) fn tensors(path: &Path) -> [Vec<Tensor>; 2] {
    let file = std::fs::read(path).unwrap();
    let header = u64::from_le_bytes(file[..8].try_into().unwrap()) as usize;
    let json: serde_json::Value = serde_json::from_slice(&file[8..8 + header]).unwrap();
    ["in", "out"].map(|prefix| {
        let named = |k: usize| json.get(format!("{prefix}.{k:03}"));
        let tensor = |entry: &serde_json::Value| {
            let at = |k: usize| 8 + header + entry["data_offsets"][k].as_u64().unwrap() as usize;
            Tensor { dtype: entry["dtype"].as_str().unwrap().to_owned(), bytes: file[at(0)..at(1)].to_vec() }
        };
        (0..).map_while(|k| named(k).map(tensor)).collect()
    })
}

/// The largest difference of two tensors of one type: `|a - b| / (1e-3 + |b|)`; of integers, infinite where they differ.
pub(crate) fn difference(found: &[u8], expected: &Tensor) -> f64 {
    assert_eq!(found.len(), expected.bytes.len());
    if expected.dtype != "F32" {
        return if found == expected.bytes { 0.0 } else { f64::INFINITY };
    }
    let floats = |bytes: &[u8]| -> Vec<f64> {
        bytes.chunks_exact(4).map(|b| f64::from(f32::from_le_bytes(b.try_into().unwrap()))).collect()
    };
    let one = |(a, b): (f64, f64)| match a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan() {
        true => 0.0,
        false if a.is_finite() && b.is_finite() => (a - b).abs() / (1e-3 + b.abs()),
        false => f64::INFINITY,
    };
    floats(found).into_iter().zip(floats(&expected.bytes)).map(one).fold(0.0, f64::max)
}
