//! One operation on given tensors.
