//! The files that a manifest is read from.

use std::fs::{self, File};
use std::io::{self, Read, stdin};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// The largest file that is read, in bytes.
const LARGEST: u64 = 64 * 1024 * 1024;

/// What files of manifests end in.
const ENDS: [&str; 3] = ["yaml", "yml", "json"];

/// The text of a file, and what it is called in messages.
pub struct Text {
    pub name: Rc<str>,
    pub text: String,
}

/// Reads files, those of folders in the order of their names, and `-`, which is standard input. What
/// cannot be read is told beside, each with its name.
pub fn read(arguments: &[PathBuf]) -> (Vec<Text>, Vec<String>) {
    let (mut texts, mut faults) = (vec![], vec![]);
    for argument in arguments {
        match named(argument) {
            Ok(files) => {
                for file in files {
                    let name = file.display().to_string();
                    match text(&file) {
                        Ok(text) => texts.push(Text { name: name.into(), text }),
                        Err(cause) => faults.push(format!("{name}: {cause}")),
                    }
                }
            }
            Err(cause) => faults.push(format!("{}: {cause}", argument.display())),
        }
    }
    (texts, faults)
}

/// The files that an argument stands for.
fn named(argument: &Path) -> io::Result<Vec<PathBuf>> {
    if argument == Path::new("-") || !fs::metadata(argument)?.is_dir() {
        return Ok(vec![argument.to_owned()]);
    }
    let mut found = vec![];
    below(argument, &mut vec![], &mut found)?;
    if found.is_empty() {
        return Err(io::Error::other("there is no .yaml, .yml or .json file in it"));
    }
    Ok(found)
}

/// Adds the files below `folder`. `above` are the folders that it is in, by what they really are, so
/// that a link to one of them is not followed.
fn below(folder: &Path, above: &mut Vec<PathBuf>, found: &mut Vec<PathBuf>) -> io::Result<()> {
    let real = fs::canonicalize(folder)?;
    if above.contains(&real) {
        return Ok(());
    }
    above.push(real);
    let mut names: Vec<_> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.file_name()))
        .collect::<Result<_, _>>()?;
    names.sort();
    for name in names {
        let path = folder.join(&name);
        if name.as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let is_manifest =
            path.extension().is_some_and(|end| ENDS.iter().any(|known| end == *known));
        match fs::metadata(&path) {
            Ok(it) if it.is_dir() => below(&path, above, found)?,
            Ok(it) if it.is_file() && is_manifest => found.push(path),
            // A link to nowhere is a fault where it has the name of a manifest.
            Err(cause) if is_manifest => {
                return Err(io::Error::new(cause.kind(), format!("{}: {cause}", path.display())));
            }
            _ => {}
        }
    }
    above.pop();
    Ok(())
}

fn text(file: &Path) -> io::Result<String> {
    let mut bytes = vec![];
    if file == Path::new("-") {
        stdin().lock().take(LARGEST + 1).read_to_end(&mut bytes)?;
    } else {
        File::open(file)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    }
    if bytes.len() as u64 > LARGEST {
        return Err(io::Error::other("is larger than 64 MiB"));
    }
    String::from_utf8(bytes).map_err(|_| io::Error::other("is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_read_in_order_without_what_is_hidden_and_round_a_loop_once() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("b/c")).unwrap();
        fs::create_dir_all(at(".git")).unwrap();
        for name in [
            "z.yaml",
            "a.json",
            "b/x.yml",
            "b/c/y.yaml",
            ".hidden.yaml",
            ".git/g.yaml",
            "notes.txt",
        ] {
            fs::write(at(name), name).unwrap();
        }
        std::os::unix::fs::symlink(folder.path(), at("b/loop")).unwrap();
        std::os::unix::fs::symlink(at("z.yaml"), at("b/link.yaml")).unwrap();
        let texts = read(&[folder.path().to_owned()]).0;
        let found: Vec<_> = texts.iter().map(|text| text.text.as_str()).collect();
        assert_eq!(found, ["a.json", "b/c/y.yaml", "z.yaml", "b/x.yml", "z.yaml"]);
        assert!(texts[4].name.ends_with("/z.yaml"));
    }

    #[test]
    fn everything_that_cannot_be_read_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("latin.yaml"), b"\xe9").unwrap();
        fs::create_dir(at("empty")).unwrap();
        fs::create_dir(at("dangling")).unwrap();
        std::os::unix::fs::symlink("nowhere", at("dangling/a.yaml")).unwrap();
        let large = File::create(at("large.yaml")).unwrap();
        large.set_len(LARGEST + 1).unwrap();
        let names = ["latin.yaml", "empty", "dangling", "large.yaml", "missing"];
        let told = read(&names.map(at)).1;
        for (told, reason) in told.iter().zip([
            "latin.yaml: is not UTF-8",
            "empty: there is no .yaml, .yml or .json file in it",
            "dangling/a.yaml: No such file",
            "large.yaml: is larger than 64 MiB",
            "missing: No such file",
        ]) {
            assert!(told.contains(reason), "{told}");
        }
        assert_eq!(told.len(), names.len());
    }
}
