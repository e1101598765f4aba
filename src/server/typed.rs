//! What was typed in a form that was not taken, because its session had ended or it came too late: shown back once, so that it
//! can be copied.

use actix_web::HttpRequest;
use actix_web::web::Payload;

use crate::planted;
use crate::web::call::Fields;
use crate::web::incoming::{self, Failed};
use crate::web::registry::{Capability, Entry, Method};
use crate::web::{Site, headers};

/// Fields that hold a secret: of a form with one of them nothing is shown.
const SECRET: [&str; 4] = ["password", "now", "again", "secret"];
/// As many texts are shown at most.
const MOST: usize = 40;

/// The texts of a form: what has several words. Codes, numbers and days are chosen anew at once. A form of another site
/// shows nothing here, nor does one with a password.
pub(super) fn texts(entry: &Entry, request: &HttpRequest, form: &Fields) -> Vec<String> {
    let ours = headers::same_origin(request.headers()) && entry.method == Method::Post;
    let is_secret = || form.0.iter().any(|(name, _)| SECRET.contains(&name.as_str()));
    if !ours || entry.capability == Capability::Public || is_secret() || planted!("typed_text_lost") {
        return Vec::new();
    }
    let is_text = |(_, value): &&(String, String)| value.trim().contains(char::is_whitespace) && !value.contains('\0');
    let texts = form.0.iter().filter(is_text).take(MOST);
    texts.map(|(_, value)| value.trim().to_owned()).collect()
}

/// The fields of a form with a file that is of nobody here: the file itself goes nowhere.
pub(super) async fn fields_of(site: &Site, request: &HttpRequest, body: Payload) -> Fields {
    let form = incoming::multipart(request.headers(), body);
    match incoming::read(form, &site.app.files("incoming"), |_| false).await {
        Ok((fields, _)) | Err(Failed::Token(fields)) => fields,
        Err(_) => Fields::default(),
    }
}
