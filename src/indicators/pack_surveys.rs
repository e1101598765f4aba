//! Surveys of people, as a pack describes them: whom they ask, when, and what, with the same form for everybody.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::pack_campaigns::{YearDay, year_day};
use crate::finding::{Finding, at};
use crate::people::StaffKind;
use crate::text_enum;

text_enum! {
    /// How a question is answered.
    QuestionKind {
        One = "one" "один ответ",
        Several = "several" "несколько ответов",
        Scale = "scale" "оценка по шкале",
        Words = "words" "своими словами",
    }
}

/// The most questions of a survey: what is longer is not answered to its end.
const MOST_QUESTIONS: usize = 40;
/// The most options of a question.
const MOST_OPTIONS: usize = 20;
/// The longest a survey may be thought to take, minutes.
const LONGEST: i64 = 60;

/// A survey that is ready to be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackSurvey {
    /// Code within the pack.
    pub code: String,
    /// Title.
    pub title: String,
    /// What it is held for and what comes of the answers, as people read it.
    pub guide: String,
    /// Kinds of staff that are asked.
    pub audience: Vec<StaffKind>,
    /// First day.
    pub opens: YearDay,
    /// Last day.
    pub closes: YearDay,
    /// How many minutes it takes a person.
    pub minutes: i64,
    /// What is asked, in order.
    pub questions: Vec<Question>,
}

/// A question of a survey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Code, the name of its field in forms.
    pub code: String,
    /// The question.
    pub text: String,
    /// How it is answered.
    pub kind: QuestionKind,
    /// What to choose from; of a scale from the least to the most.
    pub options: Vec<String>,
}

impl PackSurvey {
    /// In words, for the difference of versions.
    #[must_use]
    pub fn said(&self) -> String {
        let day = |(month, day): YearDay| format!("{day:02}.{month:02}");
        let question = |q: &Question| format!("{} {} [{}: {}]", q.code, q.text, q.kind.label(), q.options.join(" / "));
        let questions: Vec<String> = self.questions.iter().map(question).collect();
        let audience: Vec<&str> = self.audience.iter().map(|k| k.label()).collect();
        format!(
            "{} {} ({}): {}–{}, {} мин, {}; {}",
            self.code,
            self.title,
            audience.join(", "),
            day(self.opens),
            day(self.closes),
            self.minutes,
            self.guide,
            questions.join("; ")
        )
    }
}

/// A survey as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SurveyText {
    code: Spanned<String>,
    title: Spanned<String>,
    guide: String,
    audience: Vec<Spanned<String>>,
    opens: Spanned<String>,
    closes: Spanned<String>,
    minutes: Spanned<i64>,
    #[serde(default)]
    question: Vec<QuestionText>,
}

/// A question as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct QuestionText {
    code: Spanned<String>,
    text: String,
    kind: Spanned<String>,
    #[serde(default)]
    options: Vec<String>,
}

fn is_code(code: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    !code.is_empty() && code.chars().all(fits)
}

/// The surveys of a pack: each once, with days that there are, with questions that can be answered.
pub(super) fn read(text: &str, surveys: &[SurveyText], problems: &mut Vec<Finding>) -> Vec<PackSurvey> {
    let mut found: Vec<PackSurvey> = Vec::with_capacity(surveys.len());
    for of in surveys {
        let code = of.code.get_ref();
        let mut wrong = |place: usize, what: String| problems.push(at(text, place, what));
        if !is_code(code) {
            let what = "код опроса: строчные латинские буквы, цифры, «_»".to_owned();
            wrong(of.code.span().start, what);
        }
        if found.iter().any(|known| known.code == *code) {
            let what = format!("опрос {code} стоит дважды; дайте одному из них другой код");
            wrong(of.code.span().start, what);
        }
        if of.title.get_ref().trim().is_empty() || of.guide.trim().is_empty() {
            let what = format!("у опроса {code} нет названия или объяснения; напишите title = … и guide = …");
            wrong(of.title.span().start, what);
        }
        let mut audience = Vec::new();
        for kind in &of.audience {
            match StaffKind::from_code(kind.get_ref()) {
                Some(known) => audience.push(known),
                None => {
                    let what = format!("audience «{}» не бывает; есть: teaching, managing", kind.get_ref());
                    wrong(kind.span().start, what);
                }
            }
        }
        if audience.is_empty() && of.audience.is_empty() {
            let what = format!("опрос {code} никого не спрашивает; напишите audience = [\"teaching\"]");
            wrong(of.code.span().start, what);
        }
        let mut day = |said: &Spanned<String>, what: &str| {
            year_day(said.get_ref()).unwrap_or_else(|| {
                wrong(said.span().start, format!("{what}: месяц и день, например 10-25"));
                (1, 1)
            })
        };
        let (opens, closes) = (day(&of.opens, "opens"), day(&of.closes, "closes"));
        let minutes = *of.minutes.get_ref();
        if !(1..=LONGEST).contains(&minutes) {
            wrong(
                of.minutes.span().start,
                format!("minutes: целое число от 1 до {LONGEST}"),
            );
        }
        found.push(PackSurvey {
            code: code.clone(),
            title: of.title.get_ref().clone(),
            guide: of.guide.clone(),
            audience,
            opens,
            closes,
            minutes,
            questions: questions(text, of, problems),
        });
    }
    found
}

fn questions(text: &str, of: &SurveyText, problems: &mut Vec<Finding>) -> Vec<Question> {
    let (mut found, mut seen) = (Vec::with_capacity(of.question.len()), BTreeSet::new());
    for question in &of.question {
        let code = question.code.get_ref();
        let mut wrong = |place: usize, what: String| problems.push(at(text, place, what));
        if !is_code(code) || !seen.insert(code) {
            let what = format!("вопрос «{code}»: код стоит дважды или не из строчных латинских букв, цифр и «_»");
            wrong(question.code.span().start, what);
        }
        if question.text.trim().is_empty() {
            wrong(
                question.code.span().start,
                format!("у вопроса {code} нет текста; напишите text = …"),
            );
        }
        let Some(kind) = QuestionKind::from_code(question.kind.get_ref()) else {
            let what = format!(
                "kind «{}» не бывает; есть: one, several, scale, words",
                question.kind.get_ref()
            );
            wrong(question.kind.span().start, what);
            continue;
        };
        let different: BTreeSet<&str> = question.options.iter().map(|o| o.trim()).collect();
        let fits = match kind {
            QuestionKind::Words => question.options.is_empty(),
            _ => (2..=MOST_OPTIONS).contains(&question.options.len()),
        };
        if !fits || different.len() != question.options.len() || different.contains("") {
            let what =
                format!("вопрос {code}: options – от 2 до {MOST_OPTIONS} разных ответов, а у вопроса words их нет");
            wrong(question.code.span().start, what);
        }
        found.push(Question {
            code: code.clone(),
            text: question.text.clone(),
            kind,
            options: question.options.clone(),
        });
    }
    if of.question.is_empty() || of.question.len() > MOST_QUESTIONS {
        let what = format!(
            "у опроса {} должно быть от 1 до {MOST_QUESTIONS} вопросов; допишите [[survey.question]]",
            of.code.get_ref()
        );
        problems.push(at(text, of.code.span().start, what));
    }
    found
}
