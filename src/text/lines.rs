//! Lines and columns of a source text, both counted from one.

use crate::ir::Span;

/// A place in a source text, as people count.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LineColumn {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// Finds the line of a byte offset.
#[derive(Clone, Debug)]
pub struct LineIndex<'s> {
    source: &'s str,
    /// Offset of the first byte of each line.
    starts: Vec<usize>,
}

impl<'s> LineIndex<'s> {
    /// An index of this text.
    pub fn new(source: &'s str) -> Self {
        let after_newlines = source.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        LineIndex { source, starts: std::iter::once(0).chain(after_newlines).collect() }
    }

    /// Where a span begins. A span beyond the text is taken for its end.
    pub fn start(&self, span: Span) -> LineColumn {
        self.locate(span.start as usize)
    }

    /// The place of a byte offset.
    pub fn locate(&self, offset: usize) -> LineColumn {
        let offset = offset.min(self.source.len());
        let line = self.starts.partition_point(|&start| start <= offset);
        let before = &self.source.as_bytes()[self.starts[line - 1]..offset];
        // A byte that continues a UTF-8 sequence belongs to the character before it.
        let characters = before.iter().filter(|&&byte| byte & 0xC0 != 0x80).count();
        LineColumn { line, column: characters + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one_and_in_characters() {
        let index = LineIndex::new("ab\n\u{e9}x\n");
        let at = |offset| {
            let place = index.locate(offset);
            (place.line, place.column)
        };
        assert_eq!(at(0), (1, 1));
        assert_eq!(at(2), (1, 3));
        assert_eq!(at(3), (2, 1));
        assert_eq!(at(5), (2, 2));
        assert_eq!(at(7), (3, 1));
        assert_eq!(at(99), (3, 1));
        assert_eq!(index.start(Span::new(6, 7)), LineColumn { line: 2, column: 3 });
    }
}
