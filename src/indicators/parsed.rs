//! What texts say, read once in a process: packs by their digest, lists of leaves by their text. Only the reading is
//! kept; which pack is in force and which leaves are counted is asked of the database every time.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use super::counters::Leaves;
use super::formula::Formula;
use super::pack::Pack;
use crate::finding::Finding;

/// So many texts are kept of each kind; then all are forgotten and read anew.
const MOST: usize = 64;

type Kept<K, V> = LazyLock<Mutex<HashMap<K, Arc<V>>>>;

static PACKS: Kept<String, Pack> = LazyLock::new(Mutex::default);
static LEAVES: Kept<Vec<String>, Leaves> = LazyLock::new(Mutex::default);

fn known<K: Eq + Hash, V>(kept: &Kept<K, V>, key: &K) -> Option<Arc<V>> {
    let kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    kept.get(key).cloned()
}

fn keep<K: Eq + Hash, V>(kept: &Kept<K, V>, key: K, value: V) -> Arc<V> {
    let value = Arc::new(value);
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.len() >= MOST {
        kept.clear();
    }
    kept.insert(key, value.clone());
    value
}

/// The pack whose text has this digest, if it was read before.
#[must_use]
pub fn pack_of(digest: &str) -> Option<Arc<Pack>> {
    known(&PACKS, &digest.to_owned())
}

/// Reads a pack, and keeps it if its text is what the digest says.
///
/// # Errors
/// What is wrong with the text.
pub fn pack(text: &str, digest: &str) -> Result<Arc<Pack>, Vec<Finding>> {
    if crate::audit::digest(text.as_bytes()) != digest {
        return Pack::parse(text).map(Arc::new);
    }
    match pack_of(digest) {
        Some(pack) => Ok(pack),
        None => Ok(keep(&PACKS, digest.to_owned(), Pack::parse(text)?)),
    }
}

/// The leaves that these texts are.
#[must_use]
pub fn leaves(texts: Vec<String>) -> Arc<Leaves> {
    known(&LEAVES, &texts).unwrap_or_else(|| {
        let read: Vec<Formula> = texts.iter().filter_map(|text| Formula::parse(text).ok()).collect();
        let leaves = Leaves::of(read.iter().flat_map(Formula::leaves).cloned());
        keep(&LEAVES, texts, leaves)
    })
}
