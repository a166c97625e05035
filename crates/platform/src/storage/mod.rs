//! Files that belong to records: recordings, documents. A directory by default, S3 by settings.
//!
//! Keys are ours (`recordings/7/ab12….wav`), never a name from outside; they are checked all the same. Who may read a
//! file is decided before it is asked for here.

#[cfg(test)]
mod tests;

use std::{
    ops::Range,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use kernel::{ExposeSecret, Problem, SecretString};
use object_store::{
    ClientOptions, ObjectStore, ObjectStoreExt, RetryConfig, aws::AmazonS3Builder, buffered::BufWriter,
    local::LocalFileSystem, path::Path,
};
use tokio::{io::AsyncWriteExt, sync::Mutex};

/// The longest key.
const LONGEST_KEY: usize = 512;
/// How much of a file is read at a time when it is stored.
const PART: usize = 1024 * 1024;
/// How long S3 may take for one request.
const DEADLINE: Duration = Duration::from_secs(30);
/// What is written to see whether anything can be, over and over.
const PROBE: &str = "health/probe";
/// A disk that has no room for this has none for a recording.
const PROBE_BYTES: usize = 64 * 1024;
/// How long a look at the store holds: whoever asks, it is not written to more often.
const LOOK_HOLDS: Duration = Duration::from_secs(10);

/// Where files are kept.
#[derive(Clone, Debug)]
pub enum StorageSettings {
    Directory(PathBuf),
    S3(S3Settings),
}

#[derive(Clone, Debug)]
pub struct S3Settings {
    pub bucket: String,
    pub region: String,
    /// Another service than Amazon's, for example `https://minio.example`.
    pub endpoint: Option<String>,
    pub access_key_id: String,
    pub secret_access_key: SecretString,
    /// Put before every key, for a bucket that is shared.
    pub prefix: Option<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    #[error("there is no such file")]
    NotFound,
    #[error("not a key: {0:?}")]
    BadKey(String),
    #[error("the range does not lie in the file")]
    BadRange,
    #[error("the storage does not answer")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<object_store::Error> for StorageError {
    fn from(err: object_store::Error) -> Self {
        match err {
            object_store::Error::NotFound { .. } => Self::NotFound,
            other => Self::Unavailable(Box::new(other)),
        }
    }
}

impl From<std::io::Error> for StorageError {
    fn from(err: std::io::Error) -> Self {
        Self::Unavailable(Box::new(err))
    }
}

impl From<StorageError> for Problem {
    fn from(err: StorageError) -> Self {
        match &err {
            StorageError::NotFound => Self::not_found(),
            StorageError::BadRange => Self::new(416, "range_not_satisfiable", "the range does not lie in the file"),
            StorageError::BadKey(_) => {
                tracing::error!(error = %err, "storage key refused");
                Self::internal()
            }
            StorageError::Unavailable(source) => {
                tracing::error!(error = %source, "storage unavailable");
                Self::new(503, "storage_unavailable", "the storage does not answer")
            }
        }
    }
}

/// The file store. Cheap to clone.
#[derive(Clone)]
pub struct Storage {
    store: Arc<dyn ObjectStore>,
    prefix: Option<String>,
    /// When it was last looked at, and whether it could be used.
    looked: Arc<Mutex<Option<(Instant, bool)>>>,
}

impl Storage {
    fn new(store: impl ObjectStore, prefix: Option<String>) -> Self {
        Self {
            store: Arc::new(store),
            prefix,
            looked: Arc::default(),
        }
    }

    /// Opens the store; a directory is made when it is not there.
    pub fn open(settings: &StorageSettings) -> Result<Self, StorageError> {
        match settings {
            StorageSettings::Directory(directory) => {
                std::fs::create_dir_all(directory)?;
                let store = LocalFileSystem::new_with_prefix(directory)?.with_automatic_cleanup(true);
                Ok(Self::new(store, None))
            }
            StorageSettings::S3(settings) => s3(settings),
        }
    }

    /// Stores a file; readers see all of it or nothing.
    pub async fn put(&self, key: &str, content: Bytes) -> Result<(), StorageError> {
        self.store.put(&self.path(key)?, content.into()).await?;
        Ok(())
    }

    /// Stores a file from disk, a piece at a time; readers see all of it or nothing. Gives its size.
    pub async fn put_file(&self, key: &str, from: &std::path::Path) -> Result<u64, StorageError> {
        let mut source = tokio::fs::File::open(from).await?;
        let mut target = BufWriter::with_capacity(Arc::clone(&self.store), self.path(key)?, PART);
        match copy(&mut source, &mut target).await {
            Ok(size) => Ok(size),
            Err(err) => {
                target.abort().await.ok();
                Err(err.into())
            }
        }
    }

    /// A whole file.
    pub async fn get(&self, key: &str) -> Result<Bytes, StorageError> {
        Ok(self.store.get(&self.path(key)?).await?.bytes().await?)
    }

    /// The bytes `range` of a file (the end is not included).
    pub async fn get_range(&self, key: &str, range: Range<u64>) -> Result<Bytes, StorageError> {
        if range.start >= range.end {
            return Err(StorageError::BadRange);
        }
        Ok(self.store.get_range(&self.path(key)?, range).await?)
    }

    /// How many bytes a file has.
    pub async fn size(&self, key: &str) -> Result<u64, StorageError> {
        Ok(self.store.head(&self.path(key)?).await?.size)
    }

    /// Deletes a file; one that is not there is deleted already.
    pub async fn delete(&self, key: &str) -> Result<(), StorageError> {
        match self.store.delete(&self.path(key)?).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(err) => Err(err.into()),
        }
    }

    /// Whether the store can be used, as it was seen in the last seconds (for `/readyz`).
    pub async fn is_usable(&self) -> bool {
        let mut looked = self.looked.lock().await;
        if let Some((_, usable)) = looked.filter(|(when, _)| when.elapsed() < LOOK_HOLDS) {
            return usable;
        }
        let seen = self.check().await;
        if let Err(err) = &seen {
            tracing::error!(error = %err, source = std::error::Error::source(err), "the storage can not be used");
        }
        *looked = Some((Instant::now(), seen.is_ok()));
        seen.is_ok()
    }

    /// Writes something and reads how large it is.
    pub async fn check(&self) -> Result<(), StorageError> {
        self.put(PROBE, Bytes::from(vec![0; PROBE_BYTES])).await?;
        self.size(PROBE).await?;
        Ok(())
    }

    fn path(&self, key: &str) -> Result<Path, StorageError> {
        let bad = || StorageError::BadKey(key.chars().take(80).collect());
        let sound = !key.is_empty()
            && key.len() <= LONGEST_KEY
            && key.split('/').all(|part| {
                !part.is_empty()
                    && !part.starts_with('.')
                    && part
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
            });
        if !sound {
            return Err(bad());
        }
        let key = match &self.prefix {
            Some(prefix) => format!("{prefix}/{key}"),
            None => key.to_owned(),
        };
        Path::parse(key).map_err(|_| bad())
    }
}

async fn copy(source: &mut tokio::fs::File, target: &mut BufWriter) -> std::io::Result<u64> {
    let size = tokio::io::copy(source, target).await?;
    target.shutdown().await?;
    Ok(size)
}

fn s3(settings: &S3Settings) -> Result<Storage, StorageError> {
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(&settings.bucket)
        .with_region(&settings.region)
        .with_access_key_id(&settings.access_key_id)
        .with_secret_access_key(settings.secret_access_key.expose_secret())
        .with_client_options(ClientOptions::new().with_timeout(DEADLINE).with_allow_http(true))
        .with_retry(RetryConfig {
            max_retries: 3,
            retry_timeout: DEADLINE * 2,
            ..RetryConfig::default()
        });
    if let Some(endpoint) = &settings.endpoint {
        builder = builder.with_endpoint(endpoint);
    }
    Ok(Storage::new(builder.build()?, settings.prefix.clone()))
}
