//! Makes the clips of the fixed sentences, and the MP3 files of those that a phone company plays by itself.
//!
//! Needs espeak-ng and lame on this machine. What it makes is committed, so that a machine without them still speaks.

use std::{
    fmt::Write as _,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use audio_codec_algorithms::encode_ulaw;
use contracts::{
    audio::{Pcm, RATE_HZ},
    tts::Gender,
};
use conversation::sentences::{self, Key};
use providers::tts::espeak::{Espeak, PROGRAM};

const CLIPS: &str = "crates/conversation/assets/clips";
const SOUNDS: &str = "crates/app/assets/tts";

/// Each speaker's folder of clips and ending of MP3 names.
const SPEAKERS: [(Gender, &str, &str); 2] = [
    (Gender::Feminine, "feminine", "_he.mp3"),
    (Gender::Masculine, "masculine", "_he_m.mp3"),
];

/// Makes all of them anew.
pub fn run(root: &Path) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(make_all(root))
}

async fn make_all(root: &Path) -> Result<()> {
    let voice = Espeak::new(PROGRAM);
    let version = voice.version().await.context("espeak-ng is not on this machine")?;
    let mut made_from = String::new();
    std::fs::create_dir_all(root.join(SOUNDS))?;
    for (gender, folder, ending) in SPEAKERS {
        let speaker = folder;
        let folder = root.join(CLIPS).join(speaker);
        std::fs::create_dir_all(&folder)?;
        remove_strays(&folder)?;
        for key in Key::ALL {
            let fixed = sentences::get(*key, gender);
            let pcm = voice
                .render(&fixed.clip_phonemes(), gender)
                .await
                .with_context(|| format!("{fixed:?}"))?;
            let clip: Vec<u8> = pcm.0.iter().map(|sample| encode_ulaw(*sample)).collect();
            std::fs::write(folder.join(format!("{}.ulaw", key.name())), clip)?;
            writeln!(made_from, "{speaker}\t{}\t{}", key.name(), fixed.clip_phonemes())?;
            if key.is_sentence() {
                write_mp3(&pcm, &root.join(SOUNDS).join(format!("{}{ending}", key.name())))?;
            }
        }
    }
    std::fs::write(root.join(CLIPS).join("made-with"), format!("espeak-ng {version}\n"))?;
    std::fs::write(root.join(CLIPS).join("made-from"), made_from)?;
    Ok(())
}

/// Clips of sentences that are no more.
fn remove_strays(folder: &Path) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        if Key::from_name(name).is_none() {
            std::fs::remove_file(&path)?;
        }
    }
    Ok(())
}

/// 16 kHz, 32 kbit/s, mono: what phones and browsers both play, without tags that would hold a date.
fn write_mp3(pcm: &Pcm, path: &PathBuf) -> Result<()> {
    let mut lame = Command::new("lame")
        .args(["--quiet", "-m", "m", "--resample", "16", "--cbr", "-b", "32", "-t", "-"])
        .arg(path)
        .stdin(Stdio::piped())
        .spawn()
        .context("lame is not on this machine")?;
    lame.stdin.take().context("lame has no input")?.write_all(&wav(pcm)?)?;
    ensure!(lame.wait()?.success(), "lame failed on {}", path.display());
    Ok(())
}

fn wav(pcm: &Pcm) -> Result<Vec<u8>> {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: RATE_HZ,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut bytes = std::io::Cursor::new(Vec::new());
    let mut writer = hound::WavWriter::new(&mut bytes, spec)?;
    for sample in pcm.0.iter() {
        writer.write_sample(*sample)?;
    }
    writer.finalize()?;
    Ok(bytes.into_inner())
}
