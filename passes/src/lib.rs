//! The passes of memopt.
