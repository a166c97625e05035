use super::*;

fn directory() -> (tempfile::TempDir, Storage) {
    let dir = tempfile::tempdir().expect("a directory");
    let storage = Storage::open(&StorageSettings::Directory(dir.path().join("files"))).expect("a store");
    (dir, storage)
}

#[tokio::test]
async fn a_file_is_stored_read_in_parts_and_deleted() {
    let (_dir, storage) = directory();
    let key = "recordings/7/ab12.wav";
    storage
        .put(key, Bytes::from_static(b"0123456789"))
        .await
        .expect("stored");
    assert_eq!(storage.size(key).await.expect("a size"), 10);
    assert_eq!(storage.get(key).await.expect("the file"), "0123456789");
    assert_eq!(storage.get_range(key, 2..5).await.expect("a part"), "234");
    storage.put(key, Bytes::from_static(b"new")).await.expect("replaced");
    assert_eq!(storage.get(key).await.expect("the file"), "new");
    storage.delete(key).await.expect("deleted");
    storage.delete(key).await.expect("deleted again");
    assert!(matches!(storage.get(key).await, Err(StorageError::NotFound)));
    storage.check().await.expect("usable");
}

/// Where nothing can be made, not even by root.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_store_that_takes_nothing_can_not_be_used() {
    let (dir, storage) = directory();
    std::os::unix::fs::symlink("/sys/kernel", dir.path().join("files/health")).expect("a link");
    assert!(storage.check().await.is_err());
    assert!(!storage.is_usable().await);
    std::fs::remove_file(dir.path().join("files/health")).expect("removed");
    storage.check().await.expect("usable again");
    assert!(!storage.is_usable().await, "a look holds for a while");
}

#[tokio::test]
async fn looking_again_and_again_writes_once() {
    let (dir, storage) = directory();
    assert!(storage.is_usable().await);
    let probe = dir.path().join("files").join(PROBE);
    std::fs::remove_file(&probe).expect("it was written");
    assert!(storage.is_usable().await);
    assert!(!probe.exists());
}

#[tokio::test]
async fn a_large_file_comes_from_disk() {
    let (dir, storage) = directory();
    let content: Vec<u8> = (0..3_500_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    let from = dir.path().join("spool.wav");
    std::fs::write(&from, &content).expect("written");
    assert_eq!(storage.put_file("a/b.wav", &from).await.expect("stored"), 3_500_000);
    assert_eq!(storage.get("a/b.wav").await.expect("the file"), content);
    assert!(storage.put_file("a/c.wav", &dir.path().join("none")).await.is_err());
    assert!(matches!(storage.size("a/c.wav").await, Err(StorageError::NotFound)));
}

#[tokio::test]
async fn what_is_no_key_is_refused() {
    let (_dir, storage) = directory();
    let long = "x".repeat(600);
    for key in [
        "",
        "/etc/passwd",
        "../x",
        "a/../../x",
        "a//b",
        "a/",
        ".hidden",
        "a b",
        "א",
        "a\\b",
        "a%2e",
        long.as_str(),
    ] {
        assert!(matches!(storage.get(key).await, Err(StorageError::BadKey(_))), "{key}");
    }
}
