//! Pages from strict templates that are embedded in the binary: a misspelt name is an error, never an empty place.
//!
//! `templates/` mirrors the stages; `templates/components/` holds the parts that pages are made of. Everything that is
//! printed is escaped; helpers return values and write no markup.

pub mod assets;
pub mod parts;
pub mod text;
mod words;

use std::sync::Arc;

use handlebars::{Context, Handlebars};
use serde_json::Value;

pub use assets::Assets;

use crate::error::Error;
use crate::planted;

#[derive(rust_embed::RustEmbed)]
#[folder = "templates/"]
#[include = "*.hbs"]
struct Templates;

/// The compiled templates and the files that go with them.
pub struct Pages {
    registry: Handlebars<'static>,
    /// Stylesheets, fonts, scripts, pictures.
    pub assets: Arc<Assets>,
}

impl Pages {
    /// Compiles every template that is found.
    ///
    /// # Errors
    /// A template that does not compile; a test renders all of them.
    pub fn load() -> Result<Self, Error> {
        let assets = Arc::new(Assets::load());
        let mut registry = Handlebars::new();
        registry.set_strict_mode(true);
        if planted!("unescaped_field") {
            registry.register_escape_fn(str::to_owned);
        }
        words::register(&mut registry, &assets);
        for file in Templates::iter() {
            let name = file.trim_end_matches(".hbs");
            let Some(source) = Templates::get(&file) else { continue };
            registry
                .register_template_string(name, String::from_utf8_lossy(&source.data))
                .map_err(|e| Error::Internal(format!("шаблон {name}: {e}")))?;
        }
        Ok(Self { registry, assets })
    }

    /// The page of a template.
    ///
    /// # Errors
    /// A name that the data does not have.
    pub fn render(&self, template: &str, data: Value) -> Result<String, Error> {
        // The data become the context as they are; the other way in copies them.
        self.registry
            .render_with_context(template, &Context::from(data))
            .map_err(|e| Error::Internal(format!("шаблон {template}: {e}")))
    }

    /// Names of all templates.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.registry.get_templates().keys().cloned().collect();
        names.sort();
        names
    }
}
