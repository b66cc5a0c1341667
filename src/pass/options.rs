//! Options of passes: their table, and their values as a pipeline writes them.

use std::fmt;
use std::time::Duration;

use super::bytes::parse_bytes;
use super::suggest::did_you_mean;
use crate::ir::Bytes;

/// One entry of a pass's table of options: the one source of parsing, help and error messages.
#[derive(Clone, Copy, Debug)]
pub struct OptionInfo {
    /// Name, as in `name=value`.
    pub name: &'static str,
    /// One line of help.
    pub help: &'static str,
    /// What values it takes.
    pub values: OptionValues,
    /// What holds where it is not written, as text; empty where that is nothing.
    pub default: &'static str,
}

/// What values an option takes.
#[derive(Clone, Copy, Debug)]
pub enum OptionValues {
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A whole number in this range.
    Integer {
        /// Least.
        min: i64,
        /// Largest.
        max: i64,
    },
    /// A number of bytes: `1500`, `2GiB`, `500MB`.
    Bytes,
    /// A number of bytes, or this word.
    BytesOr(&'static str),
    /// A share of a hundred: `5%`, `0.1%`.
    Percent,
    /// A time: `10`, `0.5`, `2s`.
    Seconds,
}

impl OptionValues {
    /// Reads a value.
    fn parse(&self, text: &str) -> Option<OptionValue> {
        match *self {
            OptionValues::OneOf(words) => words.iter().find(|word| **word == text).map(|word| OptionValue::Word(word)),
            OptionValues::Integer { min, max } => {
                text.parse().ok().filter(|n| (min..=max).contains(n)).map(OptionValue::Integer)
            }
            OptionValues::BytesOr(word) if text == word => Some(OptionValue::Word(word)),
            OptionValues::Bytes | OptionValues::BytesOr(_) => parse_bytes(text).ok().map(OptionValue::Bytes),
            OptionValues::Percent => {
                let percent: f64 = text.strip_suffix('%')?.parse().ok()?;
                (percent.is_finite() && percent >= 0.0).then_some(OptionValue::Share(percent / 100.0))
            }
            OptionValues::Seconds => {
                let seconds = text.strip_suffix('s').unwrap_or(text).parse().ok()?;
                Duration::try_from_secs_f64(seconds).ok().map(OptionValue::Seconds)
            }
        }
    }

    /// What would be right where `found` is wrong.
    fn remedy(&self, found: &str) -> String {
        match *self {
            OptionValues::OneOf(words) => did_you_mean(found, words.iter().copied()),
            OptionValues::Integer { .. } | OptionValues::Seconds | OptionValues::Percent => format!("write {self}"),
            OptionValues::BytesOr(word) if did_you_mean(found, [word]).contains(word) => did_you_mean(found, [word]),
            OptionValues::Bytes | OptionValues::BytesOr(_) => match parse_bytes(found) {
                Err(error) => error.to_string(),
                Ok(_) => String::new(),
            },
        }
    }
}

impl fmt::Display for OptionValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            OptionValues::OneOf(words) => f.write_str(&words.join("|")),
            OptionValues::Integer { min, max: i64::MAX } => write!(f, "an integer from {min}"),
            OptionValues::Integer { min, max } => write!(f, "an integer from {min} to {max}"),
            OptionValues::Bytes => f.write_str("a number of bytes"),
            OptionValues::BytesOr(word) => write!(f, "a number of bytes, or {word}"),
            OptionValues::Percent => f.write_str("a percentage, as 2.5%"),
            OptionValues::Seconds => f.write_str("a number of seconds"),
        }
    }
}

/// A value of an option.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum OptionValue {
    /// One of the words of the table.
    Word(&'static str),
    /// A whole number.
    Integer(i64),
    /// A number of bytes.
    Bytes(Bytes),
    /// A share of one.
    Share(f64),
    /// A time.
    Seconds(Duration),
}

/// Why an option cannot be set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OptionError {
    /// The pass has no such option.
    Unknown {
        /// What was written.
        name: String,
        /// The remedy.
        help: String,
    },
    /// The option does not take this value.
    Value {
        /// The option.
        name: &'static str,
        /// What was written.
        found: String,
        /// The remedy.
        help: String,
    },
    /// The option was set before.
    Twice {
        /// The option.
        name: &'static str,
    },
}

/// The options of one pass in one pipeline: those written, on top of the defaults of the table.
#[derive(Clone, Debug)]
pub struct PassOptions {
    table: &'static [OptionInfo],
    /// One entry for each of the table. The text is kept, so that `2GiB` prints as `2GiB`.
    written: Vec<Option<(String, OptionValue)>>,
}

impl PassOptions {
    /// The defaults of a table.
    pub fn new(table: &'static [OptionInfo]) -> PassOptions {
        PassOptions { table, written: vec![None; table.len()] }
    }

    /// Sets an option that was not set before.
    ///
    /// # Errors
    /// If there is no such option, it does not take this value, or it was set before.
    pub fn set(&mut self, name: &str, text: &str) -> Result<(), OptionError> {
        let Some(index) = self.table.iter().position(|option| option.name == name) else {
            let help = did_you_mean(name, self.table.iter().map(|option| option.name));
            return Err(OptionError::Unknown { name: name.to_owned(), help });
        };
        let OptionInfo { name, values, .. } = self.table[index];
        let Some(value) = values.parse(text) else {
            return Err(OptionError::Value { name, found: text.to_owned(), help: values.remedy(text) });
        };
        if self.written[index].is_some() {
            return Err(OptionError::Twice { name });
        }
        self.written[index] = Some((text.to_owned(), value));
        Ok(())
    }

    /// The value of an option: written, else the default, if there is one.
    ///
    /// # Panics
    /// If the table has no such option: a pass asks for its own.
    pub fn get(&self, name: &str) -> Option<OptionValue> {
        let index = self.table.iter().position(|option| option.name == name);
        let index = index.unwrap_or_else(|| panic!("the option {name} stands in the table of its pass"));
        let written = self.written[index].as_ref().map(|&(_, value)| value);
        written.or_else(|| self.table[index].values.parse(self.table[index].default))
    }

    /// The value of an option that takes a word.
    ///
    /// # Panics
    /// If the table has no such option of words with a default.
    pub fn word(&self, name: &str) -> &'static str {
        match self.get(name) {
            Some(OptionValue::Word(word)) => word,
            other => panic!("the option {name} is one of some words with a default, not {other:?}"),
        }
    }

    /// The value of an option that takes an integer.
    ///
    /// # Panics
    /// If the table has no such option of integers.
    pub fn integer(&self, name: &str) -> Option<i64> {
        match self.get(name) {
            Some(OptionValue::Integer(n)) => Some(n),
            None => None,
            other => panic!("the option {name} is an integer, not {other:?}"),
        }
    }

    /// The value of an option that takes a number of bytes.
    ///
    /// # Panics
    /// If the table has no such option of bytes.
    pub fn bytes(&self, name: &str) -> Option<Bytes> {
        match self.get(name) {
            Some(OptionValue::Bytes(bytes)) => Some(bytes),
            None => None,
            other => panic!("the option {name} is a number of bytes, not {other:?}"),
        }
    }

    /// The value of an option that takes a percentage, as a share of one.
    ///
    /// # Panics
    /// If the table has no such option of percentages.
    pub fn share(&self, name: &str) -> Option<f64> {
        match self.get(name) {
            Some(OptionValue::Share(share)) => Some(share),
            None => None,
            other => panic!("the option {name} is a percentage, not {other:?}"),
        }
    }

    /// The value of an option that takes a time.
    ///
    /// # Panics
    /// If the table has no such option of seconds.
    pub fn seconds(&self, name: &str) -> Option<Duration> {
        match self.get(name) {
            Some(OptionValue::Seconds(time)) => Some(time),
            None => None,
            other => panic!("the option {name} is a number of seconds, not {other:?}"),
        }
    }
}

impl fmt::Display for PassOptions {
    /// `{a=1 b=2}` with what was written, in the order of the table; nothing where nothing was.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before = "{";
        for (option, written) in self.table.iter().zip(&self.written) {
            if let Some((text, _)) = written {
                write!(f, "{before}{}={text}", option.name)?;
                before = " ";
            }
        }
        if before == " " { f.write_str("}") } else { Ok(()) }
    }
}
