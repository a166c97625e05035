//! A ZIP that is written as its contents come, on a thread of its own, into a file.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::PathBuf,
};

use bytes::Bytes;
use kernel::Problem;
use tokio::{sync::mpsc, task::JoinHandle};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// Pieces that wait for the writer.
const READ_AHEAD: usize = 4;

enum Piece {
    Begin { name: String, packed: bool },
    Content(Bytes),
    End,
}

/// An archive being written.
pub struct Archive {
    pieces: mpsc::Sender<Piece>,
    writing: JoinHandle<Result<(), zip::result::ZipError>>,
}

impl Archive {
    /// Begins anew; what a killed process left at this path is written over.
    pub fn begin(path: PathBuf) -> Self {
        let (pieces, taken) = mpsc::channel(READ_AHEAD);
        let writing = tokio::task::spawn_blocking(move || write(&path, taken));
        Self { pieces, writing }
    }

    /// A text, packed.
    pub async fn text(&self, name: &str, text: String) -> Result<(), Problem> {
        self.open(name).await?;
        self.more(text.into()).await
    }

    /// Begins a packed file, to which [`Archive::more`] adds.
    pub async fn open(&self, name: &str) -> Result<(), Problem> {
        let name = name.to_owned();
        self.send(Piece::Begin { name, packed: true }).await
    }

    /// Begins a file of sound, which packs badly.
    pub async fn open_sound(&self, name: &str) -> Result<(), Problem> {
        let name = name.to_owned();
        self.send(Piece::Begin { name, packed: false }).await
    }

    pub async fn more(&self, content: Bytes) -> Result<(), Problem> {
        self.send(Piece::Content(content)).await
    }

    async fn send(&self, piece: Piece) -> Result<(), Problem> {
        // A writer that is gone says why at the end.
        self.pieces
            .send(piece)
            .await
            .map_err(|_| unwritten("the writer is gone"))
    }

    /// Closes the archive. Without this the file is no ZIP.
    pub async fn end(self) -> Result<(), Problem> {
        let closed = self.send(Piece::End).await;
        drop(self.pieces);
        match self.writing.await {
            Ok(Ok(())) => closed,
            Ok(Err(err)) => Err(unwritten(&err.to_string())),
            Err(err) => Err(unwritten(&err.to_string())),
        }
    }
}

fn unwritten(why: &str) -> Problem {
    tracing::error!(error = why, "an archive could not be written");
    Problem::internal()
}

fn write(path: &PathBuf, mut pieces: mpsc::Receiver<Piece>) -> Result<(), zip::result::ZipError> {
    let mut archive = ZipWriter::new(BufWriter::new(File::create(path)?));
    while let Some(piece) = pieces.blocking_recv() {
        match piece {
            Piece::Begin { name, packed } => {
                let method = if packed {
                    CompressionMethod::Deflated
                } else {
                    CompressionMethod::Stored
                };
                let options = SimpleFileOptions::default().compression_method(method).large_file(true);
                archive.start_file(name, options)?;
            }
            Piece::Content(content) => archive.write_all(&content)?,
            Piece::End => {
                archive.finish()?.flush()?;
                return Ok(());
            }
        }
    }
    // nobody said that it is complete
    Ok(())
}
