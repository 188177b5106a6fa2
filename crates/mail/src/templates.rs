//! The templates, compiled: those of the program, and an operator's own in their place.

use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};

use crate::{Error, Letter, Locale, Part, Template, sample};

/// Most bytes of a template's file.
const MAX_FILE: u64 = 64 << 10;
/// Most steps of a template: a loop that goes on and on ends here.
const MAX_STEPS: u64 = 20_000;
/// Most files and folders of an operator's folder that are looked at.
const MAX_ENTRIES: usize = 1_000;

/// The name of the folder that holds what all letters have around their text.
const LAYOUT: &str = "layout";
/// The parts that have a layout.
const WITH_LAYOUT: [Part; 2] = [Part::Text, Part::Html];

/// A letter's text.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    /// One line.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// HTML.
    pub html: String,
}

impl fmt::Debug for Rendered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The text holds the token of a link.
        f.debug_struct("Rendered").field("subject", &self.subject).finish_non_exhaustive()
    }
}

/// All templates in all languages.
#[derive(Debug)]
pub struct Templates {
    environment: Environment<'static>,
    site_name: String,
}

impl Templates {
    /// The program's own templates, in the name of `site_name`.
    pub fn embedded(site_name: &str) -> Self {
        let mut environment = empty();
        for name in names() {
            environment.add_template_owned(name.clone(), own(&name)).expect("a test compiles every template");
        }
        Self { environment, site_name: site_name.to_owned() }
    }

    /// The same, but for the files in `folder`, which stand in the place of ours: `<template>/<language>.<part>`, or
    /// `layout/<language>.<part>`. All are tried with made-up values, so that a mistake is found now.
    ///
    /// # Errors
    /// [`Error::Template`] with the file for one that cannot be read, has the name of no template, is too large, does not compile,
    /// or uses a variable that its template does not have.
    pub fn with_folder(site_name: &str, folder: &Path) -> Result<Self, Error> {
        let mut templates = Self::embedded(site_name);
        let names = names();
        for (name, path) in files(folder)? {
            if !names.contains(&name) {
                return Err(refused(
                    &name,
                    "there is no template of this name; see crates/mail/templates for all of them",
                ));
            }
            let source = read(&name, &path)?;
            templates.environment.add_template_owned(name.clone(), source).map_err(|error| because(&name, &error))?;
        }
        for template in Template::ALL {
            for locale in Locale::ALL {
                templates.render_data(*template, locale, &sample(*template))?;
            }
        }
        Ok(templates)
    }

    /// The text of a letter.
    ///
    /// # Errors
    /// [`Error::Template`] for a template of an operator that fails with these values, [`Error::Subject`] and [`Error::TooLarge`].
    pub fn render(&self, letter: &Letter) -> Result<Rendered, Error> {
        self.render_data(letter.template, letter.locale, &letter.data)
    }

    fn render_data(&self, template: Template, locale: Locale, data: &crate::Data) -> Result<Rendered, Error> {
        let mut values = data.values(template, locale);
        values.insert("site_name".to_owned(), Value::from(self.site_name.as_str()));
        values.insert("locale".to_owned(), Value::from(locale.code()));
        let values = Value::from(values);
        let part = |part: Part| {
            let name = file_name(template.name(), locale, part);
            let compiled = self.environment.get_template(&name).map_err(|error| because(&name, &error))?;
            let text = compiled.render(values.clone()).map_err(|error| because(&name, &error))?;
            let limit = part.limit();
            if text.len() > limit { Err(Error::TooLarge { part: part.ending(), limit }) } else { Ok(text) }
        };
        let subject = part(Part::Subject)?.trim().to_owned();
        if subject.chars().any(char::is_control) {
            return Err(Error::Subject);
        }
        Ok(Rendered { subject, text: part(Part::Text)?, html: part(Part::Html)? })
    }

    /// The variables that a file uses, besides those of its layout. For tests.
    #[doc(hidden)]
    pub fn variables_of(&self, template: Template, locale: Locale, part: Part) -> Vec<String> {
        let name = file_name(template.name(), locale, part);
        let compiled = self.environment.get_template(&name).expect("every template is loaded");
        let mut names: Vec<String> = compiled.undeclared_variables(false).into_iter().collect();
        names.sort();
        names
    }
}

fn empty() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(MAX_STEPS));
    environment
        .set_auto_escape_callback(|name| if name.ends_with(".html") { AutoEscape::Html } else { AutoEscape::None });
    environment
}

fn file_name(folder: &str, locale: Locale, part: Part) -> String {
    format!("{folder}/{}.{}", locale.code(), part.ending())
}

/// Every file that there is, as a path below the folder of templates.
fn names() -> Vec<String> {
    let mut names = Vec::new();
    for locale in Locale::ALL {
        names.extend(WITH_LAYOUT.map(|part| file_name(LAYOUT, locale, part)));
        for template in Template::ALL {
            names.extend(Part::ALL.map(|part| file_name(template.name(), locale, part)));
        }
    }
    names
}

/// The program's own text of a file.
fn own(name: &str) -> &'static str {
    match name {
        "layout/en.txt" => return include_str!("../templates/layout/en.txt"),
        "layout/en.html" => return include_str!("../templates/layout/en.html"),
        "layout/de.txt" => return include_str!("../templates/layout/de.txt"),
        "layout/de.html" => return include_str!("../templates/layout/de.html"),
        _ => {}
    }
    let all = Template::ALL.iter().flat_map(|template| Locale::ALL.map(|locale| (*template, locale)));
    let mut all = all.flat_map(|(template, locale)| Part::ALL.map(|part| (template, locale, part)));
    let found = all.find(|(template, locale, part)| file_name(template.name(), *locale, *part) == name);
    found.map_or("", |(template, locale, part)| template.source(locale, part))
}

/// The files of an operator's folder, with their names as ours are called.
fn files(folder: &Path) -> Result<Vec<(String, PathBuf)>, Error> {
    let list = |path: &Path| -> Result<Vec<PathBuf>, Error> {
        let failed =
            |error: std::io::Error| refused(&path.display().to_string(), &format!("cannot be listed: {error}"));
        let entries = std::fs::read_dir(path).map_err(failed)?;
        let mut paths = entries
            .map(|entry| entry.map(|entry| entry.path()))
            .take(MAX_ENTRIES)
            .collect::<Result<Vec<_>, _>>()
            .map_err(failed)?;
        paths.sort();
        Ok(paths)
    };
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut files = Vec::new();
    for inner in list(folder)? {
        let folder_name = name(&inner);
        if !inner.is_dir() {
            return Err(refused(&folder_name, "templates lie in folders of their own, such as reset-password/en.html"));
        }
        files.extend(list(&inner)?.into_iter().map(|path| (format!("{folder_name}/{}", name(&path)), path)));
    }
    Ok(files)
}

fn read(name: &str, path: &Path) -> Result<String, Error> {
    let mut source = String::new();
    let failed = |error: std::io::Error| refused(name, &format!("cannot be read: {error}"));
    let file = File::open(path).map_err(failed)?;
    file.take(MAX_FILE + 1).read_to_string(&mut source).map_err(failed)?;
    if source.len() as u64 > MAX_FILE {
        return Err(refused(name, &format!("it has more than {MAX_FILE} bytes")));
    }
    Ok(source)
}

fn refused(file: &str, reason: &str) -> Error {
    Error::Template { file: file.to_owned(), reason: reason.to_owned() }
}

fn because(name: &str, error: &minijinja::Error) -> Error {
    // The alternate form would show the values of variables. A mistake in a layout is told as such.
    let file = error.name().unwrap_or(name).to_owned();
    let line = error.line().map(|line| format!(" (line {line})")).unwrap_or_default();
    let detail = error.detail().map(|detail| format!(": {detail}")).unwrap_or_default();
    Error::Template { file, reason: format!("{}{detail}{line}", error.kind()) }
}
