//! Tensors in files: safetensors, named `in.000 ...` in the order of arguments and `out.000 ...` in that of results. The
//! one door to the library.

use std::fmt;
use std::path::Path;

use memopt::ir::Bytes;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use crate::tensor::{Element, Int, Tensor, TensorSpec};

/// Why an archive cannot be read or made: a sentence that names the file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ArchiveError(String);

impl fmt::Display for ArchiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ArchiveError {}

/// The types of elements in files and here. Signless integers are signed; two f64 have no name there.
const TYPES: [(Dtype, Element); 14] = [
    (Dtype::BOOL, Element::BOOL),
    (Dtype::I8, Element::Int(Int { bits: 8, signed: true })),
    (Dtype::U8, Element::Int(Int { bits: 8, signed: false })),
    (Dtype::I16, Element::Int(Int { bits: 16, signed: true })),
    (Dtype::U16, Element::Int(Int { bits: 16, signed: false })),
    (Dtype::I32, Element::I32),
    (Dtype::U32, Element::U32),
    (Dtype::I64, Element::I64),
    (Dtype::U64, Element::U64),
    (Dtype::F16, Element::F16),
    (Dtype::BF16, Element::BF16),
    (Dtype::F32, Element::F32),
    (Dtype::F64, Element::F64),
    (Dtype::C64, Element::C64),
];

/// Reads the tensors of a file whose names start so: `in` or `out`, in the order of their numbers.
///
/// # Errors
/// If the file cannot be read, is longer than `limit`, or has not one tensor for each number from zero on.
pub fn read(path: &Path, prefix: &str, limit: Bytes) -> Result<Vec<Tensor>, ArchiveError> {
    let refused = |what: String| ArchiveError(format!("cannot read {}: {what}", path.display()));
    let size = std::fs::metadata(path).map_err(|error| refused(error.to_string()))?.len();
    if size > limit.0 {
        return Err(refused(format!("it has {size} bytes; raise --max-bytes if it is meant to")));
    }
    let bytes = std::fs::read(path).map_err(|error| refused(error.to_string()))?;
    parse(&bytes, prefix).map_err(refused)
}

fn parse(bytes: &[u8], prefix: &str) -> Result<Vec<Tensor>, String> {
    let archive = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
    let number = |name: &str| name.strip_prefix(prefix)?.strip_prefix('.')?.parse::<usize>().ok();
    let mut found: Vec<(usize, Tensor)> = Vec::new();
    for (name, view) in archive.tensors() {
        let Some(number) = number(&name) else { continue };
        let element = TYPES.iter().find(|(dtype, _)| *dtype == view.dtype()).map(|&(_, element)| element);
        let element = element.ok_or_else(|| format!("{name} has elements of {:?}", view.dtype()))?;
        let spec = TensorSpec::new(element, view.shape());
        if spec.bytes() != view.data().len() {
            return Err(format!("{name} has not the bytes of its type"));
        }
        found.push((number, Tensor::new(&spec, view.data().to_vec())));
    }
    found.sort_by_key(|(number, _)| *number);
    match found.iter().zip(0..).find(|((number, _), expected)| number != expected) {
        Some((_, missing)) => Err(format!("there is no one {prefix}.{missing:03}")),
        None => Ok(found.into_iter().map(|(_, tensor)| tensor).collect()),
    }
}

/// The bytes of an archive of results.
///
/// # Errors
/// If a tensor has a type that the format has no name for.
pub fn archive_of(prefix: &str, tensors: &[Tensor]) -> Result<Vec<u8>, ArchiveError> {
    let mut views = Vec::new();
    for (index, tensor) in tensors.iter().enumerate() {
        let dtype = TYPES.iter().find(|(_, element)| *element == tensor.element);
        let &(dtype, _) = dtype.ok_or_else(|| {
            ArchiveError(format!("{prefix}.{index:03} cannot be written: the format has no {}", tensor.element.name()))
        })?;
        let view = TensorView::new(dtype, tensor.shape.clone(), &tensor.bytes);
        let view = view.map_err(|error| ArchiveError(format!("{prefix}.{index:03} cannot be written: {error}")))?;
        views.push((format!("{prefix}.{index:03}"), view));
    }
    safetensors::serialize(views, None).map_err(|error| ArchiveError(format!("the results cannot be written: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read() {
        let tensors = [
            Tensor::from_floats(&TensorSpec::new(Element::F32, &[2]), &[1.0, -2.5]),
            Tensor::from_ints(&TensorSpec::new(Element::BOOL, &[]), &[1]),
            Tensor::zeros(&TensorSpec::new(Element::U64, &[0, 3])),
        ];
        let bytes = archive_of("out", &tensors).unwrap();
        assert_eq!(parse(&bytes, "out").unwrap(), tensors);
        assert_eq!(parse(&bytes, "in").unwrap(), []);
    }

    #[test]
    fn what_is_no_archive_is_refused() {
        assert!(parse(b"", "in").is_err());
        assert!(parse(&[0xff; 64], "in").is_err());
        let gap = [Tensor::zeros(&TensorSpec::new(Element::F32, &[]))];
        let bytes = archive_of("in", &gap).unwrap();
        let text = String::from_utf8_lossy(&bytes).replace("in.000", "in.001");
        assert_eq!(parse(text.as_bytes(), "in").unwrap_err(), "there is no one in.000");
    }
}
