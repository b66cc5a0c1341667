//! The C header of an object file.

use std::fmt::Write;

use crate::lower::{Lowered, ResultPlace};

impl Lowered {
    /// A C header that declares the function with the names of its parameters, and says how large everything is.
    ///
    /// ```c
    /// #define MAIN_PLAN_ARENA_BYTES 4096
    /// #define MAIN_PLAN_ALIGNMENT 64
    /// int main_plan(void *arena, const void *argument_0, void *argument_1, void *result_0);
    /// ```
    pub fn c_header(&self) -> String {
        let (name, signature) = (&self.entry, &self.signature);
        let upper = name.to_uppercase();
        let mut text = String::new();
        let mut define = |what: &str, value: u64| _ = writeln!(text, "#define {upper}_{what} {value}");
        define("ARENA_BYTES", signature.arena.0);
        define("ALIGNMENT", signature.alignment);
        signature.arguments.iter().enumerate().for_each(|(k, bytes)| define(&format!("ARGUMENT_{k}_BYTES"), bytes.0));
        signature.results.iter().enumerate().for_each(|(k, bytes)| define(&format!("RESULT_{k}_BYTES"), bytes.0));
        let mut notes = String::new();
        for (k, place) in signature.places.iter().enumerate() {
            _ = match place {
                ResultPlace::Argument(argument) => writeln!(notes, " * Result {k} is left in argument {argument}."),
                ResultPlace::Arena(start) => {
                    writeln!(notes, " * Result {k} is left in the arena, from byte {start} on.")
                }
                ResultPlace::Caller(_) => writeln!(notes, " * Result {k} is left in result_{k}."),
                ResultPlace::Nothing => writeln!(notes, " * Result {k} has no bytes."),
            };
        }
        let written = |k: usize| signature.places.contains(&ResultPlace::Argument(k));
        let arguments = (0..signature.arguments.len()).filter(|&k| !signature.arguments[k].is_zero());
        let arguments = arguments.map(|k| format!(", {}void *argument_{k}", if written(k) { "" } else { "const " }));
        let results = signature.passed_results().map(|k| format!(", void *result_{k}"));
        let params: String = arguments.chain(results).collect();
        format!(
            "/* Made by memopt. Every pointer is a multiple of {upper}_ALIGNMENT. Returns 0.\n{notes} */\n\
             #ifndef {upper}_H\n#define {upper}_H\n\n{text}\n#ifdef __cplusplus\nextern \"C\"\n#endif\n\
             int {name}(void *arena{params});\n\n#endif\n"
        )
    }
}
