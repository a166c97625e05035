//! Embeds the web app. Where it was not built, a page that says so stands in its place. A release build also knows
//! the commit it was made of; a debug build does not, or each commit would compile it anew.
#![expect(clippy::disallowed_methods, reason = "a build script is told by its environment")]

use std::{env, fs, path::PathBuf, process::Command};

fn main() {
    revision();
    web_app();
}

fn revision() {
    println!("cargo::rerun-if-env-changed=GIT_COMMIT");
    println!("cargo::rerun-if-env-changed=BUILD_TIME");
    let release = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    if release {
        println!("cargo::rerun-if-changed=../../.git/logs/HEAD");
    }
    for (name, variable, git) in [
        ("AGENTLOCATOR_GIT_COMMIT", "GIT_COMMIT", &["rev-parse", "HEAD"][..]),
        (
            "AGENTLOCATOR_BUILD_TIME",
            "BUILD_TIME",
            &["log", "-1", "--format=%cI"][..],
        ),
    ] {
        let asked = || {
            let output = Command::new("git").args(git).output().ok()?;
            output
                .status
                .success()
                .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
        };
        let value = env::var(variable).ok().or_else(|| release.then(asked).flatten());
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            println!("cargo::rustc-env={name}={value}");
        }
    }
}

fn web_app() {
    let built = PathBuf::from("../../web/dist");
    println!("cargo::rerun-if-changed=../../web/dist");
    if built.join("index.html").is_file() {
        memory_serve::load_directory("../../web/dist");
        return;
    }
    let missing = PathBuf::from(env::var("OUT_DIR").unwrap_or_default()).join("web");
    let page = "<!doctype html><meta charset=utf-8><title>AgentLocator</title><p>The web app was not built: run <code>make web</code>.";
    if fs::create_dir_all(&missing)
        .and_then(|()| fs::write(missing.join("index.html"), page))
        .is_ok()
    {
        memory_serve::load_directory(missing);
    }
}
