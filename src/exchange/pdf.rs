//! A document as tagged PDF, set by Typst from a text of our own (`pdf/paper.typ`): what people have typed comes to it as
//! data and is never a part of that text. The compiler is given the text, the data and two faces of a type; there is no
//! file, no address and no day for it. The same document gives the same bytes on every day, as DOCX does.

use std::sync::LazyLock;

use serde::Serialize;
use serde_json::Value;
use typst::comemo;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Feature, Library, LibraryExt as _, World};
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use super::document::Document;
use crate::error::Error;
use crate::planted;

/// The media type of such files.
pub const MEDIA: &str = "application/pdf";

const TEXT: &str = include_str!("pdf/paper.typ");
const FACES: [&[u8]; 2] = [
    include_bytes!("pdf/fonts/pt-sans/PTSans_400Regular.ttf"),
    include_bytes!("pdf/fonts/pt-sans/PTSans_700Bold.ttf"),
];
/// The longest document, in bytes of its data: some thousand steps. What is longer is for a word processor.
const LONGEST: usize = 1 << 19;
/// What stands for a sign that the type does not have.
const UNKNOWN: char = '◊';

/// What every paper is set with.
static KIT: LazyLock<Result<Kit, String>> = LazyLock::new(Kit::new);

struct Kit {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    faces: Vec<Font>,
    text: Source,
    data: FileId,
}

impl Kit {
    fn new() -> Result<Self, String> {
        let named = |name: &str| -> Result<FileId, String> {
            let path = VirtualPath::new(name).map_err(|e| format!("{name}: {e:?}"))?;
            Ok(FileId::new(RootedPath::new(VirtualRoot::Project, path)))
        };
        let faces: Vec<Font> = FACES.iter().flat_map(|of| Font::iter(Bytes::new(*of))).collect();
        let mut text = TEXT.to_owned();
        if planted!("pdf_markup") {
            text = text.replace("line => [#line]", "line => eval(line, mode: \"markup\")");
        }
        // The name of a table, for those who hear it, is still behind this door.
        let features = [Feature::A11yExtras].into_iter().collect();
        Ok(Self {
            library: LazyHash::new(Library::builder().with_features(features).build()),
            book: LazyHash::new(FontBook::from_fonts(&faces)),
            faces,
            text: Source::new(named("paper.typ")?, text),
            data: named("paper.json")?,
        })
    }

    /// Whether each face has a sign.
    fn has(&self, sign: char) -> bool {
        matches!(sign, ' '..='~' | 'А'..='я')
            || self.faces.iter().all(|of| of.info().coverage.contains(u32::from(sign)))
    }

    /// A text as it can be printed: signs that are not seen are left out, so are those that turn the order of others.
    fn printable(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '\n' => out.push('\n'),
                '\t' => out.push(' '),
                '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' => {}
                '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' => {}
                c if c.is_control() => {}
                c if self.has(c) => out.push(c),
                _ => out.push(UNKNOWN),
            }
        }
        out
    }

    fn clean(&self, of: &mut Value) {
        match of {
            Value::String(text) => *text = self.printable(text),
            Value::Array(all) => all.iter_mut().for_each(|of| self.clean(of)),
            Value::Object(all) => all.values_mut().for_each(|of| self.clean(of)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// One paper, and all that the compiler can reach.
struct Sheet {
    kit: &'static Kit,
    data: Bytes,
}

impl World for Sheet {
    fn library(&self) -> &LazyHash<Library> {
        &self.kit.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.kit.book
    }

    fn main(&self) -> FileId {
        self.kit.text.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.kit.text.id() {
            Ok(self.kit.text.clone())
        } else {
            Err(FileError::AccessDenied)
        }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.kit.data {
            Ok(self.data.clone())
        } else {
            Err(FileError::AccessDenied)
        }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.kit.faces.get(index).cloned()
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}

#[derive(Serialize)]
struct Data<'a> {
    #[serde(flatten)]
    document: &'a Document,
    wide: bool,
}

/// The bytes of the file: PDF/UA-1, which the compiler enforces. Takes a processor for some time: on the server for
/// [`crate::web::heavy::Heavy`].
///
/// # Errors
/// The document is too long, or the compiler refuses it.
pub fn write(of: &Document) -> Result<Vec<u8>, Error> {
    let kit = KIT.as_ref().map_err(|e| broken(e))?;
    let data = Data {
        document: of,
        wide: of.wide(),
    };
    let mut data = serde_json::to_value(data).map_err(|e| broken(&e.to_string()))?;
    kit.clean(&mut data);
    let data = data.to_string();
    if data.len() > LONGEST {
        return Err(Error::Invalid(
            "В документе слишком много текста для PDF: скачайте DOCX.".into(),
        ));
    }
    let sheet = Sheet {
        kit,
        data: Bytes::from_string(data),
    };
    let bytes = set(&sheet);
    // What the compiler remembers of this paper is nobody else's.
    comemo::evict(0);
    bytes
}

fn set(sheet: &Sheet) -> Result<Vec<u8>, Error> {
    let mut options = PdfOptions {
        creator: Smart::Custom(Some("Веха".into())),
        standards: PdfStandards::new(&[PdfStandard::Ua_1]).map_err(|e| broken(e.message()))?,
        ..PdfOptions::default()
    };
    if planted!("pdf_untagged") {
        options.standards = PdfStandards::default();
        options.tagged = false;
    }
    let document = typst::compile(sheet).output.map_err(|all| refused(&all))?;
    typst_pdf::pdf(&document, &options).map_err(|all| refused(&all))
}

fn refused(all: &[SourceDiagnostic]) -> Error {
    let said: Vec<&str> = all.iter().map(|of| of.message.as_str()).collect();
    broken(&said.join("; "))
}

fn broken(why: &str) -> Error {
    Error::Internal(format!("PDF не получился: {why}"))
}

#[cfg(test)]
mod tests {
    use super::super::document::{Block, Column, Said, Signature, Stamp, Table};
    use super::*;

    fn document(value: &str, rows: usize) -> Document {
        let row = |n: usize| vec![n.to_string(), value.to_owned()];
        let stamp = Stamp {
            title: "УТВЕРЖДАЮ",
            post: String::new(),
            name: value.to_owned(),
        };
        let table = Table {
            caption: "Шаги".into(),
            columns: vec![Column::new("№", 1), Column::new("Шаг", 9)],
            rows: (1..=rows).map(row).collect(),
        };
        Document {
            title: "Документ".into(),
            about: value.to_owned(),
            blocks: vec![
                Block::Stamps(vec![stamp]),
                Block::Heading(value.to_owned()),
                Block::Text(value.to_owned()),
                Block::Facts(vec![Said {
                    name: "Имя",
                    value: value.to_owned(),
                }]),
                Block::Table(table),
                Block::ByHand(2),
                Block::Signatures(vec![Signature {
                    who: value.to_owned(),
                    name: String::new(),
                }]),
            ],
            footer: value.to_owned(),
        }
    }

    fn has(bytes: &[u8], what: &str) -> bool {
        bytes.windows(what.len()).any(|part| part == what.as_bytes())
    }

    #[test]
    fn a_paper_is_tagged_speaks_russian_and_is_the_same_every_time() {
        let paper = document("Иванова & «урок»", 3);
        let bytes = write(&paper).unwrap();
        assert!(bytes.starts_with(b"%PDF-1.7"));
        for what in ["/Lang(ru-RU)", "pdfuaid:part>1", "/MarkInfo", "/StructTreeRoot"] {
            assert!(has(&bytes, what), "{what}");
        }
        assert_eq!(write(&paper).unwrap(), bytes);
    }

    #[test]
    fn whatever_people_type_makes_a_paper() {
        for value in [
            "",
            "\n",
            "= а\n#let x = 1\n*б* _в_ $г$ @д \\е <ё> [ж] // з /* и",
            "#read(\"/etc/passwd\") #import \"@preview/x:0.1.0\"",
            "\u{1F600}漢字\u{202E}\u{7}\u{0}\u{301}\u{E000}\u{FFFF}",
            &"ы".repeat(3000),
            &"x".repeat(3000),
        ] {
            assert!(write(&document(value, 2)).is_ok(), "{value:?}");
        }
        let bare = Document {
            blocks: Vec::new(),
            ..document("", 0)
        };
        assert!(write(&bare).is_ok());
    }

    #[test]
    fn signs_that_the_type_does_not_have_are_seen_to_be_missing() {
        let kit = KIT.as_ref().unwrap();
        assert_eq!(
            kit.printable("ё Ә №\u{1F600}\u{FE0F}\u{202E}\u{7}\tа\r\nб"),
            "ё Ә №◊ а\nб"
        );
        assert!(kit.has(UNKNOWN));
    }

    #[test]
    fn nothing_else_can_be_opened_and_a_document_without_end_is_refused_in_words() {
        let kit = KIT.as_ref().unwrap();
        let sheet = Sheet {
            kit,
            data: Bytes::from_string(String::new()),
        };
        let other = FileId::new(RootedPath::new(
            VirtualRoot::Project,
            VirtualPath::new("etc/passwd").unwrap(),
        ));
        assert!(sheet.source(other).is_err() && sheet.file(other).is_err());
        assert!(sheet.source(kit.data).is_err() && sheet.file(kit.text.id()).is_err());
        let long = write(&document(&"длинный текст ".repeat(2000), 20));
        assert!(matches!(long, Err(Error::Invalid(text)) if text.contains("скачайте DOCX")));
    }
}
