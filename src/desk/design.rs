//! The page of components, each in every state: for whoever builds or reviews a page. Demo installations only.

use serde::Serialize;

use crate::desk::plan::card_acts::ActForm;
use crate::iom::ActKind;
use crate::pages::parts::{
    Button, Cell, Change, Chip, Choice, Column, Empty, Fact, Field, Figure, FileField, Filter, Filters, HandIn, Link,
    Mark, Meter, Milestone, Moment, Near, NextStep, Paging, Problem, Register, Select, Stage, TakeBack, Task, Timeline,
    Tone,
};
use crate::web::registry::Answering;
use crate::web::{Answer, Call};

#[derive(Serialize)]
struct Design {
    chips: Vec<Chip>,
    next: NextStep,
    path: Vec<Milestone>,
    tasks: Vec<Task>,
    stages: Vec<Stage>,
    timeline: Timeline,
    summary: Vec<Fact>,
    figures: Vec<Figure>,
    filters: Filters,
    register: Register,
    paging: Paging,
    problems: Vec<Problem>,
    fields: Vec<Field>,
    select: Select,
    hand_in: HandIn,
    near: Vec<Near>,
    meters: Vec<Meter>,
    empty: Empty,
    acts: Vec<ActForm>,
    base: &'static str,
    token: &'static str,
}

/// GET /_design
pub fn show(call: Call) -> Answering {
    Box::pin(async move {
        call.query.only(&[])?;
        Answer::page("desk/design", &everything())
    })
}

/// The acts of a card: a button alone, one that asks, one that was refused.
fn acts() -> Vec<ActForm> {
    let wrong = ActForm::new(ActKind::Return, None, "Вернуть на доработку").asks("reason", "Что изменить");
    vec![
        ActForm::new(ActKind::Send, None, "Отправить педагогу"),
        ActForm::new(ActKind::Pause, None, "Приостановить")
            .asks("reason", "Причина")
            .asks_day("По какой день, например 28.02.2026"),
        ActForm {
            problem: Some("Укажите причину".into()),
            ..wrong
        },
    ]
}

fn everything() -> Design {
    let wrong = "Введите дату как ДД.ММ.ГГГГ, например 28.02.2026";
    Design {
        acts: acts(),
        base: "/_design",
        token: "",
        chips: vec![
            Chip::new(Tone::Done, "Зачтён"),
            Chip::new(Tone::Wait, "На проверке у тьютора"),
            Chip::new(Tone::Late, "срок прошёл 12 дней назад"),
            Chip::new(Tone::Calm, "Запланирован"),
        ],
        next: NextStep {
            kicker: "Следующий шаг · до 28 февраля, осталось 6 дней".into(),
            title: "Приложить отчёт о стажировке".into(),
            text: "Фото листа стажировки или пара строк. Тьютор ответит в течение трёх дней.".into(),
            button: Some(Button::link("Приложить отчёт", "#next")),
        },
        path: path(),
        tasks: vec![
            Task {
                name: "Согласовать маршрут".into(),
                hint: Some("Шесть шагов до 31 мая".into()),
                href: Some("#task".into()),
                chip: Some(Chip::new(Tone::Wait, "Ждёт вас")),
            },
            Task {
                name: "Записаться на курс".into(),
                hint: None,
                href: None,
                chip: Some(Chip::new(Tone::Calm, "Пока недоступно")),
            },
            Task {
                name: "Пройти диагностику".into(),
                hint: None,
                href: Some("#task-done".into()),
                chip: None,
            },
        ],
        stages: Stage::row(&["Составлен", "Согласование", "Утверждён", "В работе", "Закрыт"], 3),
        timeline: Timeline::new(vec![
            moment(
                "Шаг 2 зачтён",
                "20.12.2025",
                "Мария Жукова",
                Some("Удостоверение № 4512"),
            ),
            moment("Маршрут утверждён, редакция 1", "01.11.2025", "Пётр Ельцов", None),
            moment("Черновик составлен по правилам", "15.10.2025", "система", None),
        ]),
        summary: vec![
            fact("Фамилия", "Щукина-Ельцова", "Изменить", "фамилию"),
            fact("Место работы", "", "Указать школу", "место работы"),
        ],
        figures: vec![
            figure("30,6\u{A0}%", "по области, цель 60\u{A0}%", None),
            Figure {
                note: Some("Величины: Получил поддержку в работе с ИОМ".into()),
                ..figure("3\u{A0}859", "педагогов в числителе", Some("#people"))
            },
            figure("–", "нет значения", None),
            figure("<5", "скрыто: меньше пяти человек", None),
        ],
        filters: filters(),
        register: register(),
        paging: Paging {
            place: "Страница 2 из 50".into(),
            before: Some("#before".into()),
            after: Some("#after".into()),
        },
        problems: vec![Problem {
            field: "due",
            text: wrong.into(),
        }],
        fields: vec![
            Field {
                name: "due",
                label: "Срок",
                hint: Some("ДД.ММ.ГГГГ"),
                value: "30 февраля".into(),
                problem: Some(wrong.into()),
                long: false,
            },
            Field {
                name: "report",
                label: "Отчёт",
                hint: None,
                value: String::new(),
                problem: None,
                long: true,
            },
        ],
        select: Select {
            name: "design-kind".into(),
            label: "Что в файле".into(),
            hint: Some("Выберите из списка".into()),
            choices: vec![Choice {
                value: "staff".into(),
                label: "Сотрудники".into(),
                chosen: true,
            }],
            problem: Some("Такого вида файла нет.".into()),
        },
        hand_in: HandIn {
            title: Some("Можно уже сейчас: открытый урок".into()),
            item: "1".into(),
            seen: 1,
            token: String::new(),
            file: FileField {
                name: "design-file",
                label: "Снимок или документ",
                hint: "JPEG, PNG или PDF, до 10 МБ",
                accept: "image/*,application/pdf",
                problem: Some("Подойдёт снимок JPEG или PNG либо документ PDF.".into()),
            },
            note: Field {
                name: "design-note",
                label: "Пара слов проверяющему (необязательно)",
                hint: None,
                value: String::new(),
                problem: None,
                long: false,
            },
            button: "Отправить на проверку",
        },
        near: vec![
            Near {
                name: "Мария Жукова".into(),
                kind: "тьютор".into(),
                mail: Some("zhukova@example.ru".into()),
            },
            Near {
                name: "Пётр Ельцов".into(),
                kind: "куратор ИОМ".into(),
                mail: None,
            },
        ],
        meters: vec![
            meter("Оценивание результатов", 48, Tone::Late, "высокий дефицит"),
            meter("Выбор технологий обучения", 67, Tone::Wait, "средний дефицит"),
            meter("Читательская грамотность", 86, Tone::Done, "снижен, было 55\u{A0}%"),
        ],
        empty: Empty {
            title: "Маршрутов на проверке нет".into(),
            text: "Когда педагог отправит отчёт, он появится здесь, а вам придёт письмо.".into(),
            action: Some(Link::new("Открыть моих педагогов", "#mine")),
        },
    }
}

fn path() -> Vec<Milestone> {
    vec![
        Milestone::new(
            Mark::Done,
            "Диагностика предметных компетенций",
            "ЦНППМ, 14 октября 2025",
        )
        .chip(Chip::new(Tone::Done, "Пройдена")),
        Milestone {
            back: Some(TakeBack {
                token: String::new(),
                item: "2".into(),
                seen: 1,
            }),
            ..Milestone::new(
                Mark::Wait,
                "Открытый урок по смешанному обучению",
                "Школа № 5, отчёт отправлен 3 февраля · можно отозвать до проверки",
            )
            .chip(Chip::new(Tone::Wait, "На проверке у тьютора"))
            .why("Дефицит «методические: выбор технологий», средний уровень")
        },
        Milestone::new(
            Mark::Now,
            "Стажировка в школе № 12",
            "неформальное, 16 ч · до 28 февраля",
        )
        .chip(Chip::new(Tone::Calm, "осталось 6 дней").icon("i-clock"))
        .why("Дефицит «методические: оценивание», высокий уровень"),
        Milestone::new(Mark::Plan, "Повторная диагностика", "ЦНППМ · май").chip(Chip::new(Tone::Calm, "Запланирована")),
    ]
}

fn moment(title: &str, when: &str, who: &str, text: Option<&str>) -> Moment {
    Moment {
        title: title.into(),
        when: when.into(),
        who: who.into(),
        text: text.map(Into::into),
    }
}

fn fact(name: &str, value: &str, act: &'static str, object: &'static str) -> Fact {
    Fact {
        name: name.into(),
        value: value.into(),
        change: Some(Change {
            text: act,
            object,
            href: "#change".into(),
        }),
    }
}

fn figure(shown: &str, label: &str, href: Option<&str>) -> Figure {
    Figure {
        shown: shown.into(),
        label: label.into(),
        href: href.map(Into::into),
        note: None,
    }
}

fn meter(name: &str, percent: i64, tone: Tone, said: &str) -> Meter {
    Meter {
        name: name.into(),
        shown: format!("{percent}\u{A0}%"),
        percent,
        chip: Chip::new(tone, said).icon(if tone == Tone::Done { "i-ok" } else { "i-warn" }),
    }
}

fn filters() -> Filters {
    let choice = |value: &str, label: &str, chosen| Choice {
        value: value.into(),
        label: label.into(),
        chosen,
    };
    Filters {
        action: "/_design".into(),
        filters: vec![
            Filter {
                name: "state",
                label: "Состояние",
                choices: vec![choice("", "любое", false), choice("late", "просрочен", true)],
                value: String::new(),
            },
            Filter {
                name: "find",
                label: "Найти",
                choices: vec![],
                value: "ёлкина".into(),
            },
        ],
        chosen: vec![Link::new("просрочен", "/_design"), Link::new("«ёлкина»", "/_design")],
        found: "Найдено 1\u{A0}248 педагогов".into(),
        unread: Vec::new(),
        file: None,
        beside: Vec::new(),
    }
}

fn register() -> Register {
    let columns = [
        Column::words("Педагог"),
        Column::words("Организация"),
        Column::figures("Шаги"),
        Column::words("Состояние"),
    ];
    let row = |name: &str, school: &str, steps: &str, chip: Chip| {
        vec![
            Cell::link(name, "#card"),
            Cell::text(school),
            Cell::text(steps),
            Cell::chip(chip),
        ]
    };
    let rows = vec![
        row(
            "Щукина-Ельцова\u{A0}Е.\u{A0}О.",
            "Школа № 3",
            "1 из 5",
            Chip::new(Tone::Late, "просрочен"),
        ),
        row(
            "Гусейнова\u{A0}Н.\u{A0}Р.",
            "Школа № 8",
            "0 из 4",
            Chip::new(Tone::Wait, "ждёт согласия"),
        ),
        row(
            "Петров\u{A0}С.\u{A0}Г.",
            "Школа № 5",
            "4 из 5",
            Chip::new(Tone::Done, "по плану"),
        ),
    ];
    Register::new("Педагоги", &columns, rows)
}
