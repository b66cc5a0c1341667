//! The table of buffers: CSV in, a problem out, and the table with offsets back.
//!
//! Columns are found by their names. `lower` may be called `start` or `begin`, `id` may be called `buffer` or `buffer_id`.
//! `upper` is one past the last step; `end` instead of it is the last step itself, and then gaps end inclusively too.
//! Times are any integers of 64 bits. They become steps as they are, counted from the first, so that the search knows how
//! long lifetimes are; where that would take more than 32 bits they are numbered instead: for the answer only their order
//! matters.

use std::collections::HashMap;
use std::fmt;

use csv::{ReaderBuilder, StringRecord, Trim};
use memopt::ir::{Align, Bytes, Step};
use memopt::plan::{LayoutBuffer, LayoutGap, LayoutProblem};

/// Names of a column, the first of which is the usual one.
const ID: &[&str] = &["id", "buffer", "buffer_id"];
const LOWER: &[&str] = &["lower", "start", "begin"];
const UPPER: &[&str] = &["upper", "end"];
const SIZE: &[&str] = &["size"];
const ALIGNMENT: &[&str] = &["alignment"];
const OFFSET: &[&str] = &["offset"];
const GAPS: &[&str] = &["gaps"];
const HINT: &[&str] = &["hint"];

/// The sizes may add up to this.
const LARGEST_SUM: u64 = 1 << 60;

/// What a file holds.
#[derive(Clone, Debug)]
pub struct Table {
    /// Names of the columns.
    header: StringRecord,
    /// The lines below them.
    records: Vec<StringRecord>,
    /// The column that offsets go to: it is there already where some are pinned.
    offset_column: Option<usize>,
    /// The name of each buffer.
    pub ids: Vec<String>,
    /// The buffers.
    pub problem: LayoutProblem,
    /// All times at which something begins or ends, sorted, and the step of each.
    pub times: Vec<(i64, Step)>,
    /// An offset for each buffer to begin with, where all have one.
    pub hint: Option<Vec<Bytes>>,
}

/// Something wrong in a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TableError {
    /// The line, from one.
    pub line: u64,
    /// The name of the column, where it is one column's fault.
    pub column: Option<String>,
    /// What was found.
    pub found: String,
    /// What to write instead.
    pub remedy: String,
}

impl fmt::Display for TableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(column) = &self.column {
            write!(f, ", column {column}")?;
        }
        write!(f, ": {}; {}", self.found, self.remedy)
    }
}

impl std::error::Error for TableError {}

/// Where the columns are.
struct Columns {
    id: usize,
    lower: usize,
    upper: usize,
    size: usize,
    alignment: Option<usize>,
    offset: Option<usize>,
    gaps: Option<usize>,
    hint: Option<usize>,
    /// Added to upper ends: one where they are inclusive.
    beyond: i64,
}

/// First time, one past the last, and bytes that stay occupied.
type Gap = (i64, i64, Option<(Bytes, Bytes)>);

/// One line, with times as they stand there.
struct Line {
    lower: i64,
    upper: i64,
    size: u64,
    alignment: Align,
    offset: Option<u64>,
    gaps: Vec<Gap>,
    hint: Option<u64>,
}

/// Reads a table.
///
/// # Errors
/// All lines that are wrong.
pub fn read(text: &str) -> Result<Table, Vec<TableError>> {
    let mut reader =
        ReaderBuilder::new().trim(Trim::All).flexible(true).has_headers(false).from_reader(text.as_bytes());
    let mut records = Vec::new();
    let mut errors = Vec::new();
    for record in reader.records() {
        match record {
            Ok(record) if record.iter().all(str::is_empty) => {}
            Ok(record) => records.push(record),
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                errors.push(TableError { line, column: None, found: error.to_string(), remedy: "write UTF-8".into() });
            }
        }
    }
    if records.is_empty() {
        let found = "there is no header".to_owned();
        errors.push(TableError { line: 1, column: None, found, remedy: "begin with id,lower,upper,size".into() });
        return Err(errors);
    }
    let header = records.remove(0);
    let columns = match Columns::find(&header) {
        Ok(columns) => columns,
        Err(more) => return Err([errors, more].concat()),
    };
    let mut lines = Vec::with_capacity(records.len());
    let mut first_lines = HashMap::with_capacity(records.len());
    for record in &records {
        let mut fields = Fields { record, header: &header, errors: &mut errors };
        if record.len() == header.len() {
            lines.extend(fields.line(&columns));
            let line = record.position().map_or(0, csv::Position::line);
            if let Some(first) = first_lines.insert(&record[columns.id], line) {
                let found = format!("`{}` stands on line {first} already", &record[columns.id]);
                fields.error(Some(columns.id), found, "give each buffer a name of its own".to_owned());
            }
        } else {
            let found = format!("{} fields under {} columns", record.len(), header.len());
            fields.error(None, found, "write one field for each column".to_owned());
        }
    }
    let sum = lines.iter().map(|l| u128::from(l.size)).sum::<u128>();
    if sum > u128::from(LARGEST_SUM) {
        let found = format!("the sizes add up to {sum} bytes");
        errors.push(TableError { line: 1, column: Some("size".into()), found, remedy: "count in larger units".into() });
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(Table::new(header, records, &columns, &lines))
}

impl Columns {
    fn find(header: &StringRecord) -> Result<Columns, Vec<TableError>> {
        let line = header.position().map_or(1, csv::Position::line);
        let mut errors = Vec::new();
        let mut find = |names: &[&str], required: bool| {
            let mut at = (0..header.len()).filter(|&i| names.contains(&&header[i]));
            let (first, second) = (at.next(), at.next());
            let column = Some(names[0].to_owned());
            match (first, second) {
                (Some(_), Some(second)) => errors.push(TableError {
                    line,
                    column,
                    found: format!("the column stands there twice, the second time as `{}`", &header[second]),
                    remedy: "leave one of them out".to_owned(),
                }),
                (None, _) if required => errors.push(TableError {
                    line,
                    column,
                    found: "there is no such column".to_owned(),
                    remedy: format!("name one `{}`", names.join("` or `")),
                }),
                _ => {}
            }
            first
        };
        let required = [find(ID, true), find(LOWER, true), find(UPPER, true), find(SIZE, true)];
        let [alignment, offset, gaps, hint] = [ALIGNMENT, OFFSET, GAPS, HINT].map(|names| find(names, false));
        let [Some(id), Some(lower), Some(upper), Some(size)] = required else { return Err(errors) };
        let beyond = i64::from(&header[upper] == "end");
        let columns = Columns { id, lower, upper, size, alignment, offset, gaps, hint, beyond };
        if errors.is_empty() { Ok(columns) } else { Err(errors) }
    }
}

/// Reads the fields of one line.
struct Fields<'a> {
    record: &'a StringRecord,
    header: &'a StringRecord,
    errors: &'a mut Vec<TableError>,
}

impl Fields<'_> {
    fn error(&mut self, column: Option<usize>, found: String, remedy: String) {
        let line = self.record.position().map_or(0, csv::Position::line);
        let column = column.map(|column| self.header[column].to_owned());
        self.errors.push(TableError { line, column, found, remedy });
    }

    /// A number; an error where there is none.
    fn number<T: std::str::FromStr>(&mut self, column: usize, remedy: &str) -> Option<T> {
        let number = self.record[column].parse().ok();
        if number.is_none() {
            self.error(
                Some(column),
                format!("`{}` is not a number that can stand here", &self.record[column]),
                remedy.to_owned(),
            );
        }
        number
    }

    /// As `number`, where the field may be empty, or -1.
    fn optional(&mut self, column: Option<usize>, remedy: &str) -> Option<u64> {
        let column = column?;
        if matches!(&self.record[column], "" | "-1") { None } else { self.number(column, remedy) }
    }

    fn line(&mut self, columns: &Columns) -> Option<Line> {
        let before = self.errors.len();
        let lower = self.number(columns.lower, "write an integer").unwrap_or(0_i64);
        let upper = self.number(columns.upper, "write an integer").unwrap_or(1_i64).saturating_add(columns.beyond);
        let has_times = self.errors.len() == before;
        let size = self.number(columns.size, "write a number of bytes").unwrap_or(0);
        let bytes = self.optional(columns.alignment, "write a power of two").unwrap_or(1);
        let alignment = Align::new(bytes);
        if alignment.is_none() {
            self.error(columns.alignment, format!("{bytes} is no power of two"), "write 1, 2, 4, ...".to_owned());
        }
        let offset = self.optional(columns.offset, "write an offset, or nothing");
        let hint = self.optional(columns.hint, "write an offset, or nothing");
        if has_times && lower >= upper {
            let found = format!("the lifetime from {lower} to {} is empty", &self.record[columns.upper]);
            self.error(Some(columns.upper), found, "let it end after it begins".to_owned());
        }
        if let Some(offset) = offset
            && alignment.is_some_and(|align| Bytes(offset).align_to(align) != Bytes(offset))
        {
            let found = format!("{offset} is no multiple of the alignment {bytes}");
            self.error(columns.offset, found, "change one of the two".to_owned());
        }
        if offset.is_some_and(|offset| offset > LARGEST_SUM) {
            self.error(columns.offset, "the offset is above 2^60".to_owned(), "count in larger units".to_owned());
        }
        let gaps = columns.gaps.map_or_else(Vec::new, |column| self.gaps(column, columns.beyond, (lower, upper), size));
        let line = Line { lower, upper, size, alignment: alignment?, offset, gaps, hint };
        (self.errors.len() == before).then_some(line)
    }

    fn gaps(&mut self, column: usize, beyond: i64, life: (i64, i64), size: u64) -> Vec<Gap> {
        let mut gaps: Vec<Gap> = Vec::new();
        let texts: Vec<&str> = self.record[column].split_whitespace().collect();
        for text in texts {
            let Some((from, to, keeps)) = gap(text) else {
                self.error(Some(column), format!("`{text}` is no gap"), "write `3-5` or `3-5@0:16`".to_owned());
                continue;
            };
            let to = to.saturating_add(beyond);
            let outside = from < life.0 || to > life.1 || from >= to;
            if outside || keeps.is_some_and(|(low, high)| low >= high || high.0 > size) {
                let found = format!("the gap `{text}` is empty, or leaves the buffer");
                self.error(Some(column), found, "keep it inside the lifetime and the size".to_owned());
            } else {
                gaps.push((from, to, keeps));
            }
        }
        gaps.sort_unstable();
        if gaps.windows(2).any(|pair| pair[0].1 > pair[1].0) {
            self.error(Some(column), "gaps overlap".to_owned(), "join them".to_owned());
        }
        gaps
    }
}

/// A gap as it is written; the first minus sign may belong to the number.
fn gap(text: &str) -> Option<Gap> {
    let (span, keeps) = text.split_once('@').map_or((text, None), |(span, keeps)| (span, Some(keeps)));
    let dash = 1 + span.get(1..)?.find('-')?;
    let (from, to) = (span[..dash].parse().ok()?, span[dash + 1..].parse().ok()?);
    let Some(keeps) = keeps else { return Some((from, to, None)) };
    let (low, high) = keeps.split_once(':')?;
    Some((from, to, Some((Bytes(low.parse().ok()?), Bytes(high.parse().ok()?)))))
}

/// Sorted times with their steps.
fn with_steps(times: &[i64]) -> Vec<(i64, Step)> {
    let first = times.first().copied().unwrap_or(0);
    let short = times.last().is_none_or(|&last| last.abs_diff(first) < u64::from(u32::MAX));
    let step = |(i, &time): (usize, &i64)| {
        let step = if short { time.abs_diff(first) as usize } else { i };
        (time, Step::new(step))
    };
    times.iter().enumerate().map(step).collect()
}

impl Table {
    fn new(header: StringRecord, records: Vec<StringRecord>, columns: &Columns, lines: &[Line]) -> Table {
        let gaps = |l: &Line| l.gaps.iter().flat_map(|g| [g.0, g.1]).collect::<Vec<_>>();
        let mut times: Vec<i64> = lines.iter().flat_map(|l| [gaps(l), vec![l.lower, l.upper]].concat()).collect();
        times.sort_unstable();
        times.dedup();
        let times = with_steps(&times);
        let step = |time: i64| times[times.partition_point(|&(t, _)| t < time)].1;
        let buffer = |line: &Line| LayoutBuffer {
            alignment: line.alignment,
            pinned: line.offset.map(Bytes),
            gaps: line.gaps.iter().map(|&(a, b, keeps)| LayoutGap { start: step(a), end: step(b), keeps }).collect(),
            ..LayoutBuffer::new(Bytes(line.size), step(line.lower), step(line.upper))
        };
        let problem = LayoutProblem::new(lines.iter().map(buffer).collect(), Align::ONE);
        let ids = records.iter().map(|record| record[columns.id].to_owned()).collect();
        let hint = lines.iter().map(|line| line.hint.map(Bytes)).collect();
        Table { header, records, offset_column: columns.offset, ids, problem, times, hint }
    }

    /// The table with the offset of each buffer, as its last column where it had none.
    pub fn with_offsets(&self, offsets: &[Bytes]) -> String {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let mut write = |record: &StringRecord, offset: &str| {
            let replaced = |(i, field)| if Some(i) == self.offset_column { offset } else { field };
            let fields = record.iter().enumerate().map(replaced);
            let added = self.offset_column.is_none().then_some(offset);
            writer.write_record(fields.chain(added)).expect("memory takes every record");
        };
        write(&self.header, "offset");
        for (record, offset) in self.records.iter().zip(offsets) {
            write(record, &offset.0.to_string());
        }
        let bytes = writer.into_inner().expect("memory takes every record");
        String::from_utf8(bytes).expect("the fields were text")
    }
}
