//! The helpers of the templates. They return values; the template engine escapes what they return. Their names begin
//! with `show_`, since a helper would hide a value of the same name.

use std::sync::Arc;

use chrono::NaiveDate;
use handlebars::handlebars_helper;
use handlebars::{Context, Handlebars, Helper, HelperDef, RenderContext, RenderError, RenderErrorReason, ScopedJson};
use serde_json::Value;

use super::assets::Assets;
use super::text;

handlebars_helper!(show_number: |n: i64| text::number(n));
handlebars_helper!(show_percent: |numerator: i64, denominator: i64| text::percent(numerator, denominator));
handlebars_helper!(show_plural: |n: i64, one: str, few: str, many: str| text::plural(n, one, few, many).to_owned());
handlebars_helper!(show_count: |n: i64, one: str, few: str, many: str| text::count(n, one, few, many));
handlebars_helper!(show_date: |day: Json| written_date(day));
handlebars_helper!(show_sentence: |words: str| text::capital(words));
handlebars_helper!(show_initials: |name: str| text::initials(name));

fn written_date(value: &Value) -> String {
    let day = value.as_str().and_then(|text| text.parse::<NaiveDate>().ok());
    day.map_or_else(|| text::NOTHING.to_owned(), text::date)
}

/// `{{asset "vekha.css"}}`: the address of a file; a file that is not there is an error.
struct Asset(Arc<Assets>);

impl HelperDef for Asset {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let name = helper.param(0).and_then(|p| p.value().as_str()).unwrap_or_default();
        self.0
            .address(name)
            .map(|address| ScopedJson::Derived(Value::String(address)))
            .ok_or_else(|| RenderErrorReason::Other(format!("нет файла {name}")).into())
    }
}

/// Gives the helpers to a registry.
pub fn register(registry: &mut Handlebars<'static>, assets: &Arc<Assets>) {
    registry.register_helper("show_number", Box::new(show_number));
    registry.register_helper("show_percent", Box::new(show_percent));
    registry.register_helper("show_plural", Box::new(show_plural));
    registry.register_helper("show_count", Box::new(show_count));
    registry.register_helper("show_date", Box::new(show_date));
    registry.register_helper("show_sentence", Box::new(show_sentence));
    registry.register_helper("show_initials", Box::new(show_initials));
    registry.register_helper("asset", Box::new(Asset(assets.clone())));
}
