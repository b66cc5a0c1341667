//! The placement as a picture: time from left to right, offsets from bottom to top.
//!
//! Times are drawn at equal distances, whatever lies between them, so that short lifetimes can be seen. Colours tell how
//! long buffers live: blue ones are short, red ones span the whole picture. Names stand where there is room for them; where
//! a rectangle is too small for an outline it has none, and a browser shows the name under the pointer.

use std::fmt::Write;

use memopt::ir::{Align, Bytes, Step};

use crate::table::Table;

/// Size of the picture's inside, and what is left around it.
const WIDTH: f64 = 1500.0;
const HEIGHT: f64 = 900.0;
const LEFT: f64 = 110.0;
const RIGHT: f64 = 30.0;
const TOP: f64 = 60.0;
const BOTTOM: f64 = 60.0;

/// Width of a letter and height of a line.
const LETTER: (f64, f64) = (7.0, 12.0);

/// Marks on an axis, about.
const MARKS: f64 = 10.0;

/// Buffers beyond which names are not shown under the pointer: the file would be twice as large.
const MOST_NAMES: usize = 50_000;

/// Heights that get a line of their own.
#[derive(Clone, Copy, Debug)]
pub struct Heights {
    /// Of the placement.
    pub height: Bytes,
    /// No placement is lower.
    pub lower_bound: Bytes,
    /// What the arena has.
    pub capacity: Option<Bytes>,
}

/// From steps and bytes to the picture.
struct Scale<'a> {
    table: &'a Table,
    steps: f64,
    top: f64,
}

impl Scale<'_> {
    fn x(&self, step: Step) -> f64 {
        let position = self.table.times.partition_point(|&(_, at)| at < step) as f64;
        LEFT + position / self.steps * WIDTH
    }

    fn y(&self, bytes: f64) -> f64 {
        TOP + (1.0 - bytes / self.top) * HEIGHT
    }
}

/// Draws a placement.
pub fn draw(table: &Table, offsets: &[Bytes], heights: Heights) -> String {
    let top = heights.height.max(heights.capacity.unwrap_or_default()).0.max(1) as f64;
    let scale = Scale { table, steps: table.times.len().saturating_sub(1).max(1) as f64, top };
    let mut svg = String::new();
    header(&mut svg, table, heights);
    axes(&mut svg, &scale);
    for (i, &offset) in offsets.iter().enumerate() {
        buffer(&mut svg, &scale, i, offset);
    }
    lines(&mut svg, &scale, heights);
    svg.push_str("</svg>\n");
    svg
}

fn header(svg: &mut String, table: &Table, heights: Heights) {
    let (width, height) = (LEFT + WIDTH + RIGHT, TOP + HEIGHT + BOTTOM);
    let (reached, bound) = (heights.height.0, heights.lower_bound.0);
    let gap = (reached as f64 / bound.max(1) as f64 - 1.0) * 100.0;
    let gap = if reached == bound { "nothing is lower".to_owned() } else { format!("{gap:.2} % above {bound}") };
    let _ = write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" \
         font-size=\"11\">\n<style>text {{ pointer-events: none }} .b {{ stroke: #333; stroke-width: 0.5 }}</style>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"{LEFT}\" y=\"{y}\" font-size=\"16\">{n} buffers in {reached} bytes: {gap}</text>\n",
        y = TOP / 2.0,
        n = table.problem.buffers.len(),
    );
}

/// The rectangles of a buffer, and its name if there is room.
fn buffer(svg: &mut String, scale: &Scale<'_>, index: usize, offset: Bytes) {
    let (table, buffer) = (scale.table, &scale.table.problem.buffers[index]);
    let name = escape(&table.ids[index]);
    let pieces = buffer.pieces(Align::ONE);
    let length = scale.x(buffer.end) - scale.x(buffer.start);
    // From blue to red with the logarithm of the lifetime; neighbours of one colour differ in brightness.
    let hue = 220.0 * (1.0 - (1.0 + length).ln() / (1.0 + WIDTH).ln());
    let color = color(hue, 0.62 + (index * 7 % 5) as f64 * 0.05);
    for piece in &pieces {
        let (left, right) = (scale.x(piece.start), scale.x(piece.end));
        let (low, high) = (scale.y((offset + piece.low).0 as f64), scale.y((offset + piece.high).0 as f64));
        let (w, h) = (right - left, low - high);
        let class = if w > 3.0 && h > 3.0 { " class=\"b\"" } else { "" };
        let _ = write!(
            svg,
            "<rect x=\"{left:.2}\" y=\"{high:.2}\" width=\"{w:.2}\" height=\"{h:.2}\" \
             fill=\"{color}\"{class}"
        );
        match table.ids.len() <= MOST_NAMES {
            true => _ = writeln!(svg, "><title>{name}: {} bytes at {}</title></rect>", buffer.size.0, offset.0),
            false => svg.push_str("/>\n"),
        }
        if w > LETTER.0 * (table.ids[index].chars().count() as f64 + 1.0) && h > LETTER.1 {
            let (cx, cy) = (left + w / 2.0, high + h / 2.0 + LETTER.1 / 3.0);
            let _ = writeln!(svg, "<text x=\"{cx:.1}\" y=\"{cy:.1}\" text-anchor=\"middle\">{name}</text>");
        }
    }
}

/// Frames, grid, marks and units.
fn axes(svg: &mut String, scale: &Scale<'_>) {
    let bottom = TOP + HEIGHT;
    let (unit, name) = unit(scale.top);
    let stride = round_up(scale.top / unit / MARKS);
    let mut mark = 0.0;
    while mark * unit <= scale.top {
        let (y, text) = (scale.y(mark * unit), (mark * 1000.0).round() / 1000.0);
        let _ = writeln!(svg, "<path d=\"M{LEFT} {y:.1}h{WIDTH}\" stroke=\"#ddd\"/>");
        let _ = writeln!(svg, "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{text}</text>", LEFT - 6.0, y + 4.0);
        mark += stride;
    }
    let times = &scale.table.times;
    let every = times.len().div_ceil(MARKS as usize).max(1);
    for &(time, step) in times.iter().step_by(every) {
        let x = scale.x(step);
        let _ = writeln!(svg, "<path d=\"M{x:.1} {bottom}v5\" stroke=\"black\"/>");
        let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{time}</text>", bottom + 18.0);
    }
    let (x, y) = (LEFT + WIDTH / 2.0, TOP + HEIGHT / 2.0);
    let _ = writeln!(svg, "<path d=\"M{LEFT} {TOP}v{HEIGHT}h{WIDTH}\" fill=\"none\" stroke=\"black\"/>");
    let _ = writeln!(
        svg,
        "<text x=\"{x}\" y=\"{}\" text-anchor=\"middle\" font-size=\"13\">time, events at equal distances</text>",
        bottom + 48.0
    );
    let _ = writeln!(
        svg,
        "<text transform=\"translate(24 {y}) rotate(-90)\" text-anchor=\"middle\" font-size=\"13\">offset in {name}</text>"
    );
}

/// The time at which most bytes live, the bound, the height and the capacity.
fn lines(svg: &mut String, scale: &Scale<'_>, heights: Heights) {
    if let Some(peak) = peak(scale.table) {
        let (x, y) = (scale.x(peak), TOP + HEIGHT);
        let _ = writeln!(svg, "<path d=\"M{x:.1} {TOP}V{y}\" stroke=\"black\" stroke-dasharray=\"2 4\"/>");
        let anchor = if x > LEFT + WIDTH / 2.0 { "end" } else { "start" };
        let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{}\" text-anchor=\"{anchor}\">most live</text>", y + 30.0);
    }
    let met = heights.height == heights.lower_bound;
    let marked = [
        (heights.capacity, "red", "", "capacity"),
        (Some(heights.height), "black", "", if met { "height = lower bound" } else { "height" }),
        (Some(heights.lower_bound).filter(|_| !met), "#06c", " stroke-dasharray=\"8 4\"", "lower bound"),
    ];
    // From the top down; a text moves down where it would lie on the one above it.
    let mut free = 0.0;
    for (bytes, color, dashes, name) in marked {
        let Some(bytes) = bytes else { continue };
        let y = scale.y(bytes.0 as f64);
        let text = f64::max(y - 4.0, free);
        free = text + LETTER.1 + 2.0;
        let right = LEFT + WIDTH;
        let _ = writeln!(svg, "<path d=\"M{LEFT} {y:.2}h{WIDTH}\" stroke=\"{color}\"{dashes}/>");
        // White below the letters keeps them readable on what is behind them.
        for under in [" stroke=\"white\" stroke-width=\"3\"", ""] {
            let _ = writeln!(
                svg,
                "<text x=\"{right}\" y=\"{text:.1}\" text-anchor=\"end\" fill=\"{color}\" font-weight=\"bold\"{under}>\
                 {name} {}</text>",
                bytes.0
            );
        }
    }
}

/// The first step in which most bytes live.
fn peak(table: &Table) -> Option<Step> {
    let pieces = table.problem.buffers.iter().flat_map(|b| b.pieces(Align::ONE));
    let change = |p: &memopt::plan::LayoutPiece| [(p.start, true, p.high - p.low), (p.end, false, p.high - p.low)];
    let mut events: Vec<(Step, bool, Bytes)> = pieces.flat_map(|p| change(&p)).collect();
    events.sort_unstable();
    let (mut live, mut most, mut at) = (Bytes::ZERO, Bytes::ZERO, None);
    for (step, starts, size) in events {
        live = if starts { live + size } else { live - size };
        if live > most {
            (most, at) = (live, Some(step));
        }
    }
    at
}

/// A hue in degrees and a brightness as a colour that every program can draw.
fn color(hue: f64, light: f64) -> String {
    let chroma = 0.65 * (1.0 - (2.0 * light - 1.0).abs());
    let channel = |shift: f64| {
        let k = (shift + hue / 30.0) % 12.0;
        let value = light - chroma / 2.0 * f64::min(k - 3.0, 9.0 - k).clamp(-1.0, 1.0);
        (value * 255.0).round() as u8
    };
    format!("#{:02x}{:02x}{:02x}", channel(0.0), channel(8.0), channel(4.0))
}

/// The unit for numbers up to this, and its name.
fn unit(top: f64) -> (f64, &'static str) {
    let units = [(1024.0_f64.powi(3), "GiB"), (1024.0_f64.powi(2), "MiB"), (1024.0, "KiB")];
    units.into_iter().find(|unit| top >= 2.0 * unit.0).unwrap_or((1.0, "bytes"))
}

/// The next of 1, 2, 5, 10, ...
fn round_up(number: f64) -> f64 {
    let power = 10.0_f64.powf(number.max(1e-3).log10().floor());
    [1.0, 2.0, 5.0].map(|digit| digit * power).into_iter().find(|&round| round >= number).unwrap_or(10.0 * power)
}

/// A name as XML text.
fn escape(name: &str) -> String {
    let visible = name.chars().map(|c| if c.is_control() { '?' } else { c }).collect::<String>();
    visible.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
