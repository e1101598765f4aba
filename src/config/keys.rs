//! Keys of the installation: files of mode 0600 in `keys/`, made at the first start, never in the database.

use std::io::Write as _;
use std::path::Path;

use rand::TryRngCore as _;

/// The secret keys that the program holds.
#[derive(Clone)]
pub struct Keys {
    /// Key of the digests of audit rows and of the signed head.
    pub audit: Vec<u8>,
    /// Key of the signed session pointers and of the form tokens.
    pub session: Vec<u8>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(***)")
    }
}

impl Keys {
    /// Reads the keys of a data folder; makes those that are missing.
    ///
    /// # Errors
    /// A folder that cannot be written, or a key file that is too short.
    pub fn load(data: &Path) -> std::io::Result<Self> {
        let folder = data.join("keys");
        std::fs::create_dir_all(&folder)?;
        Ok(Self {
            audit: load_or_make(&folder.join("audit.key"))?,
            session: load_or_make(&folder.join("session.key"))?,
        })
    }
}

fn load_or_make(path: &Path) -> std::io::Result<Vec<u8>> {
    match std::fs::read(path) {
        Ok(key) if key.len() >= 32 => return Ok(key),
        Ok(_) => return Err(std::io::Error::other(format!("ключ {} повреждён", path.display()))),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
        Err(e) => return Err(e),
    }
    let mut key = vec![0_u8; 32];
    rand::rngs::OsRng
        .try_fill_bytes(&mut key)
        .map_err(std::io::Error::other)?;
    let temporary = path.with_extension(format!("key-{}", std::process::id()));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&temporary)?;
    file.write_all(&key)?;
    file.sync_all()?;
    // A hard link, unlike a rename, never replaces a key that another process has just made.
    let linked = std::fs::hard_link(&temporary, path);
    std::fs::remove_file(&temporary)?;
    match linked {
        Ok(()) => Ok(key),
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => std::fs::read(path),
        Err(e) => Err(e),
    }
}
