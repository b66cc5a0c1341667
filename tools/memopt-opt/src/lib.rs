//! The library of memopt-opt.
