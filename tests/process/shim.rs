//! A disk that fails, or kills, on command: `shim.c`, loaded into the server before the C library.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use crate::support::{Folder, Launch};

/// Builds the shim and strikes with it.
pub struct Shim {
    folder: TempDir,
    library: PathBuf,
}

impl Shim {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (source, library) = (folder.path().join("shim.c"), folder.path().join("shim.so"));
        fs::write(&source, include_str!("shim.c")).unwrap();
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .args([&library, &source])
            .arg("-ldl")
            .output()
            .expect("a C compiler is missing: apt-get install -y gcc");
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        fs::create_dir(folder.path().join("faults")).unwrap();
        Self { folder, library }
    }

    /// The same, with faults of its own.
    pub fn another(&self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("faults")).unwrap();
        Self { folder, library: self.library.clone() }
    }

    /// A server on this disk.
    pub fn launch(&self, folder: &Folder) -> Launch {
        Launch::new(folder)
            .env("LD_PRELOAD", &self.library)
            .env("SHIM_FAULTS", self.folder.path().join("faults"))
    }

    /// From now on `fault` strikes the files whose path ends in `end`.
    pub fn strike(&self, fault: &str, end: &str) {
        fs::write(self.fault(fault), end).unwrap();
    }

    /// The fault is over.
    pub fn heal(&self, fault: &str) {
        fs::remove_file(self.fault(fault)).unwrap();
    }

    /// Whether a fault that strikes once has struck.
    pub fn has_struck(&self, fault: &str) -> bool {
        !self.fault(fault).exists()
    }

    fn fault(&self, name: &str) -> PathBuf {
        self.folder.path().join("faults").join(name)
    }
}
