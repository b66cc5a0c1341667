//! The placement as a picture: time from left to right, offsets from bottom to top.
//!
//! Times are drawn at equal distances, whatever lies between them, so that short lifetimes can be seen. Names stand where
//! there is room for them; with many buffers the outlines get thin, and a browser shows the name under the pointer.

use std::fmt::Write;

use memopt::ir::{Align, Bytes, Step};

use crate::table::Table;

const WIDTH: f64 = 1500.0;
const HEIGHT: f64 = 900.0;
const MARGIN: f64 = 80.0;

/// Widths of a letter and heights of a line.
const LETTER: (f64, f64) = (7.0, 12.0);

/// Draws a placement.
pub fn draw(table: &Table, offsets: &[Bytes], height: Bytes, capacity: Option<Bytes>) -> String {
    let top = height.max(capacity.unwrap_or_default()).0.max(1) as f64;
    let steps = table.times.len().saturating_sub(1).max(1) as f64;
    let (x, y) = (|step: f64| MARGIN + step / steps * WIDTH, |bytes: f64| MARGIN / 2.0 + (1.0 - bytes / top) * HEIGHT);
    let mut svg = header(table.problem.buffers.len());
    for (i, buffer) in table.problem.buffers.iter().enumerate() {
        let (name, hue) = (escape(&table.ids[i]), (i as u64).wrapping_mul(137) % 360);
        for piece in buffer.pieces(Align::ONE) {
            let (left, right) = (x(position(table, piece.start)), x(position(table, piece.end)));
            let (low, high) = (y((offsets[i] + piece.low).0 as f64), y((offsets[i] + piece.high).0 as f64));
            let (w, h) = (right - left, low - high);
            let _ = write!(
                svg,
                "<rect x=\"{left:.2}\" y=\"{high:.2}\" width=\"{w:.2}\" height=\"{h:.2}\" fill=\"hsl({hue},60%,75%)\">"
            );
            let _ = writeln!(svg, "<title>{name}: {} bytes at {}</title></rect>", buffer.size.0, offsets[i].0);
            if w > LETTER.0 * (name.len() as f64 + 1.0) && h > LETTER.1 {
                let (cx, cy) = (left + w / 2.0, high + h / 2.0 + LETTER.1 / 3.0);
                let _ = writeln!(svg, "<text x=\"{cx:.1}\" y=\"{cy:.1}\" text-anchor=\"middle\">{name}</text>");
            }
        }
    }
    axes(&mut svg, table, top, &x, &y);
    if let Some(capacity) = capacity {
        rule(&mut svg, y(capacity.0 as f64), "red", &format!("capacity {}", capacity.0));
    }
    rule(&mut svg, y(height.0 as f64), "black", &format!("height {}", height.0));
    svg.push_str("</svg>\n");
    svg
}

fn header(buffers: usize) -> String {
    let stroke = if buffers <= 200 { 1.0 } else { (200.0 / buffers as f64).max(0.05) };
    let (width, height) = (WIDTH + 2.0 * MARGIN, HEIGHT + 1.5 * MARGIN);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" \
         font-size=\"11\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <style>rect {{ stroke: #333; stroke-width: {stroke:.2} }} text {{ pointer-events: none }}</style>\n"
    )
}

/// The number of a step among those at which something happens.
fn position(table: &Table, step: Step) -> f64 {
    table.times.partition_point(|&(_, at)| at < step) as f64
}

/// Ten marks on each axis.
fn axes(svg: &mut String, table: &Table, top: f64, x: &impl Fn(f64) -> f64, y: &impl Fn(f64) -> f64) {
    let last = table.times.len().saturating_sub(1);
    for mark in 0..=10_usize {
        let step = last * mark / 10;
        if let Some((time, _)) = table.times.get(step).filter(|_| mark == 0 || step != last * (mark - 1) / 10) {
            let (at, below) = (x(step as f64), y(0.0) + 16.0);
            let _ = writeln!(svg, "<text x=\"{at:.1}\" y=\"{below:.1}\" text-anchor=\"middle\">{time}</text>");
        }
        let bytes = top * mark as f64 / 10.0;
        let (left, at) = (MARGIN - 6.0, y(bytes) + 4.0);
        let _ = writeln!(svg, "<text x=\"{left:.1}\" y=\"{at:.1}\" text-anchor=\"end\">{bytes:.0}</text>");
    }
}

/// A line across the picture.
fn rule(svg: &mut String, y: f64, color: &str, text: &str) {
    let (from, to) = (MARGIN, MARGIN + WIDTH);
    let _ = writeln!(svg, "<line x1=\"{from}\" y1=\"{y:.2}\" x2=\"{to}\" y2=\"{y:.2}\" stroke=\"{color}\"/>");
    let above = y - 3.0;
    let _ = writeln!(svg, "<text x=\"{to}\" y=\"{above:.2}\" text-anchor=\"end\" fill=\"{color}\">{text}</text>");
}

/// A name as XML text.
fn escape(name: &str) -> String {
    let visible = name.chars().map(|c| if c.is_control() { '?' } else { c }).collect::<String>();
    visible.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
