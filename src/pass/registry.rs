//! Which passes and presets there are: the one table that parsing, help and messages come from.

use super::options::PassOptions;
use super::{Pass, PassInfo};

/// Makes a pass from its options.
pub type BuildPass = fn(&PassOptions) -> Box<dyn Pass>;

/// A pass that a pipeline can name.
#[derive(Clone, Copy, Debug)]
pub struct PassEntry {
    /// Its table entry.
    pub info: &'static PassInfo,
    /// How it is made.
    pub build: BuildPass,
}

/// A pipeline with a name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Preset {
    /// Name.
    pub name: &'static str,
    /// One line of help.
    pub help: &'static str,
    /// What it stands for.
    pub pipeline: &'static str,
}

/// All passes and presets.
#[derive(Clone, Default, Debug)]
pub struct PassRegistry {
    passes: Vec<PassEntry>,
    presets: Vec<Preset>,
}

impl PassRegistry {
    /// A registry without passes.
    pub fn new() -> PassRegistry {
        PassRegistry::default()
    }

    /// Adds a pass; a later one of the same name replaces an earlier one.
    ///
    /// # Panics
    /// If the default of an option is not among the values it takes.
    pub fn register(&mut self, info: &'static PassInfo, build: BuildPass) {
        let defaults = PassOptions::new(info.options);
        for option in info.options.iter().filter(|option| !option.default.is_empty()) {
            assert!(defaults.get(option.name).is_some(), "{}: bad default of the option {}", info.name, option.name);
        }
        let entry = PassEntry { info, build };
        match self.passes.iter_mut().find(|known| known.info.name == info.name) {
            Some(known) => *known = entry,
            None => self.passes.push(entry),
        }
    }

    /// Adds a preset; a later one of the same name replaces an earlier one.
    pub fn register_preset(&mut self, preset: Preset) {
        match self.presets.iter_mut().find(|known| known.name == preset.name) {
            Some(known) => *known = preset,
            None => self.presets.push(preset),
        }
    }

    /// All passes, in order of registration.
    pub fn passes(&self) -> &[PassEntry] {
        &self.passes
    }

    /// The pass of this name.
    pub fn find(&self, name: &str) -> Option<PassEntry> {
        self.passes.iter().copied().find(|entry| entry.info.name == name)
    }

    /// All presets, in order of registration.
    pub fn presets(&self) -> &[Preset] {
        &self.presets
    }

    /// The preset of this name.
    pub fn preset(&self, name: &str) -> Option<Preset> {
        self.presets.iter().copied().find(|preset| preset.name == name)
    }
}
