//! A document as DOCX: parts of our own, zipped. The same document gives the same bytes on every day, so that a signature
//! over the file can be asked for later: the day of printing is a field that the word processor fills in.

use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::document::{Block, Document, Stamp, Table};
use crate::error::Error;

/// The media type of such files.
pub const MEDIA: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

/// Parts that are the same in every document.
const FIXED: [(&str, &str); 6] = [
    ("[Content_Types].xml", include_str!("docx/content_types.xml")),
    ("_rels/.rels", include_str!("docx/rels.xml")),
    ("docProps/app.xml", include_str!("docx/app.xml")),
    ("word/_rels/document.xml.rels", include_str!("docx/document_rels.xml")),
    ("word/settings.xml", include_str!("docx/settings.xml")),
    ("word/styles.xml", include_str!("docx/styles.xml")),
];
const CORE: &str = include_str!("docx/core.xml");
const FOOTER: &str = include_str!("docx/footer.xml");

/// Sides of a page and its margin, in twentieths of a point: A4, 15 mm.
const LONG: u32 = 16838;
const SHORT: u32 = 11906;
const MARGIN: u32 = 850;
/// A line to be written on.
const LINE: &str = "____________________";

/// The bytes of the file.
///
/// # Errors
/// Those of the archive.
pub fn write(of: &Document) -> Result<Vec<u8>, Error> {
    let options = || {
        SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(DateTime::default())
    };
    let core = CORE.replace("{title}", &escaped(&of.title));
    let core = core.replace("{about}", &escaped(&of.about));
    let made = [
        ("docProps/core.xml", core),
        ("word/footer.xml", FOOTER.replace("{footer}", &escaped(&of.footer))),
        ("word/document.xml", body(of)),
    ];
    let fixed = FIXED.iter().map(|(name, text)| (*name, (*text).to_owned()));
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let broken = |e: zip::result::ZipError| Error::Internal(format!("DOCX: {e}"));
    for (name, text) in fixed.chain(made) {
        zip.start_file(name, options()).map_err(broken)?;
        zip.write_all(text.as_bytes())?;
    }
    Ok(zip.finish().map_err(broken)?.into_inner())
}

/// A text as XML; signs that XML does not know are left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' => out.push(' '),
            '\u{FFFE}' | '\u{FFFF}' => {}
            c if c.is_control() && c != '\n' => {}
            c => out.push(c),
        }
    }
    out
}

/// A run of text; its lines stay lines.
fn run(text: &str, bold: bool) -> String {
    let look = if bold { "<w:rPr><w:b/></w:rPr>" } else { "" };
    let lines: Vec<String> = text
        .split('\n')
        .map(|line| format!("<w:t xml:space=\"preserve\">{}</w:t>", escaped(line)))
        .collect();
    format!("<w:r>{look}{}</w:r>", lines.join("<w:br/>"))
}

fn paragraph(style: &str, runs: &str) -> String {
    format!("<w:p><w:pPr><w:pStyle w:val=\"{style}\"/></w:pPr>{runs}</w:p>")
}

fn plain(style: &str, text: &str) -> String {
    paragraph(style, &run(text, false))
}

fn body(of: &Document) -> String {
    let (width, height) = if of.wide() { (LONG, SHORT) } else { (SHORT, LONG) };
    let inner = width - 2 * MARGIN;
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<w:document \
         xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
         xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><w:body>",
    );
    let mut blocks = of.blocks.as_slice();
    if let [Block::Stamps(all), rest @ ..] = blocks {
        out.push_str(&stamps(all, inner));
        blocks = rest;
    }
    out.push_str(&plain("Title", &of.title));
    out.push_str(&plain("Subtitle", &of.about));
    blocks.iter().for_each(|of| out.push_str(&block(of, inner)));
    let turned = if of.wide() { " w:orient=\"landscape\"" } else { "" };
    out.push_str(&format!(
        "<w:sectPr><w:footerReference w:type=\"default\" r:id=\"rId3\"/><w:pgSz w:w=\"{width}\" w:h=\"{height}\"{turned}/>\
         <w:pgMar w:top=\"{MARGIN}\" w:right=\"{MARGIN}\" w:bottom=\"{MARGIN}\" w:left=\"{MARGIN}\" w:header=\"425\" \
         w:footer=\"425\" w:gutter=\"0\"/></w:sectPr></w:body></w:document>"
    ));
    out
}

fn block(of: &Block, width: u32) -> String {
    match of {
        Block::Stamps(all) => stamps(all, width),
        Block::Heading(text) => plain("Heading1", text),
        Block::Text(text) => plain("Normal", text),
        Block::Facts(facts) => {
            let fact = |name: &str, value: &str| {
                let runs = format!("{}{}", run(&format!("{name}: "), true), run(value, false));
                paragraph("Fact", &runs)
            };
            facts.iter().map(|of| fact(of.name, &of.value)).collect()
        }
        Block::Table(of) => table(of, width),
        Block::ByHand(lines) => plain("Normal", &LINE.repeat(4)).repeat(*lines),
        Block::Signatures(all) => {
            let sign = |who: &str, name: &str| plain("Signature", &format!("{who} {LINE} {name}"));
            all.iter().map(|of| sign(&of.who, &of.name)).collect()
        }
    }
}

/// Stands in a table without lines: it only puts them side by side.
fn stamps(all: &[Stamp], width: u32) -> String {
    let count = u32::try_from(all.len()).unwrap_or(1).max(1);
    let each = width / count;
    let cell = |of: &Stamp| {
        let post = if of.post.is_empty() { LINE } else { &of.post };
        let name = format!("{LINE} {}", of.name);
        let lines = [
            paragraph("Stamp", &run(of.title, true)),
            plain("Stamp", post),
            plain("Stamp", &name),
            plain("Stamp", "«____» ______________ 20____ г."),
        ];
        format!(
            "<w:tc><w:tcPr><w:tcW w:w=\"{each}\" w:type=\"dxa\"/></w:tcPr>{}</w:tc>",
            lines.concat()
        )
    };
    format!(
        "<w:tbl><w:tblPr><w:tblStyle w:val=\"Beside\"/><w:tblW w:w=\"{width}\" w:type=\"dxa\"/><w:tblLayout \
         w:type=\"fixed\"/></w:tblPr><w:tblGrid>{}</w:tblGrid><w:tr>{}</w:tr></w:tbl>",
        format!("<w:gridCol w:w=\"{each}\"/>").repeat(all.len()),
        all.iter().map(cell).collect::<String>()
    )
}

fn table(of: &Table, width: u32) -> String {
    let weights: u32 = of.columns.iter().map(|c| c.weight).sum::<u32>().max(1);
    let widths: Vec<u32> = of.columns.iter().map(|c| width * c.weight / weights).collect();
    let grid: String = widths.iter().map(|w| format!("<w:gridCol w:w=\"{w}\"/>")).collect();
    let row = |cells: &[&str], style: &str, look: &str| {
        let cell = |(width, text): (&u32, &&str)| {
            format!(
                "<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/></w:tcPr>{}</w:tc>",
                plain(style, text)
            )
        };
        let cells: String = widths.iter().zip(cells).map(cell).collect();
        format!("<w:tr><w:trPr><w:cantSplit/>{look}</w:trPr>{cells}</w:tr>")
    };
    let heads: Vec<&str> = of.columns.iter().map(|c| c.title).collect();
    let head = row(&heads, "TableHead", "<w:tblHeader/>");
    let rows = of.rows.iter().map(|cells| {
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        row(&cells, "TableText", "")
    });
    format!(
        "<w:tbl><w:tblPr><w:tblStyle w:val=\"TableGrid\"/><w:tblW w:w=\"{width}\" w:type=\"dxa\"/><w:tblLayout \
         w:type=\"fixed\"/><w:tblLook w:val=\"0020\" w:firstRow=\"1\" w:lastRow=\"0\" w:firstColumn=\"0\" \
         w:lastColumn=\"0\" w:noHBand=\"1\" w:noVBand=\"1\"/><w:tblCaption w:val=\"{}\"/></w:tblPr><w:tblGrid>{grid}\
         </w:tblGrid>{head}{}</w:tbl>{}",
        escaped(&of.caption),
        rows.collect::<String>(),
        plain("After", "")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_does_not_know_is_left_out_and_lines_stay_lines() {
        assert_eq!(escaped("А&Б <\u{1}«в\">\u{FFFF}"), "А&amp;Б &lt;«в&quot;&gt;");
        let run = run("один\nдва", false);
        assert!(
            run.contains("один</w:t><w:br/><w:t xml:space=\"preserve\">два"),
            "{run}"
        );
    }
}
