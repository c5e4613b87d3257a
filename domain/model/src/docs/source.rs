//! What the page needs of this crate's source: the modules, the types they define and where aggregates are declared.

use std::collections::BTreeMap;
use std::path::Path;

use syn::parse::Parser as _;
use syn::{Attribute, Item, Meta};

/// A type as the source declares it.
pub(super) enum Declared {
    /// `struct`.
    Struct(syn::ItemStruct),
    /// `enum`.
    Enum(syn::ItemEnum),
    /// `type`.
    Alias(syn::ItemType),
}

impl Declared {
    /// Returns its name.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Struct(it) => it.ident.to_string(),
            Self::Enum(it) => it.ident.to_string(),
            Self::Alias(it) => it.ident.to_string(),
        }
    }

    /// Returns its doc comment, its derives and what serde was told.
    pub(super) fn attrs(&self) -> &[Attribute] {
        match self {
            Self::Struct(it) => &it.attrs,
            Self::Enum(it) => &it.attrs,
            Self::Alias(it) => &it.attrs,
        }
    }

    /// Returns its parameters.
    pub(super) fn generics(&self) -> &syn::Generics {
        match self {
            Self::Struct(it) => &it.generics,
            Self::Enum(it) => &it.generics,
            Self::Alias(it) => &it.generics,
        }
    }
}

/// One source file.
pub(super) struct Module {
    /// Its path from the crate's root: `call/event` for `src/call/event.rs`.
    pub(super) path: String,
    /// The lines of its `//!`.
    pub(super) doc: Vec<String>,
    /// The word that begins the kinds that it declares with `events!`.
    pub(super) prefix: Option<String>,
    /// The category of the streams of the decider that it implements.
    pub(super) category: Option<String>,
    types: BTreeMap<String, Declared>,
    imports: BTreeMap<String, String>,
}

impl Module {
    /// Returns the first part of its path, which names the aggregate's module: `call`.
    pub(super) fn top(&self) -> &str {
        self.path.split('/').next().unwrap_or(&self.path)
    }

    fn read(path: String, text: &str) -> Self {
        let file = syn::parse_file(text).unwrap_or_else(|e| panic!("src/{path}.rs: {e}"));
        let mut module = Self {
            path,
            doc: doc(&file.attrs),
            prefix: None,
            category: None,
            types: BTreeMap::new(),
            imports: BTreeMap::new(),
        };
        for item in file.items {
            module.take(item);
        }
        module
    }

    fn take(&mut self, item: Item) {
        match item {
            Item::Struct(it) => self.declare(Declared::Struct(it)),
            Item::Enum(it) => self.declare(Declared::Enum(it)),
            Item::Type(it) => self.declare(Declared::Alias(it)),
            Item::Use(it) => self.import(&mut Vec::new(), &it.tree),
            Item::Impl(it) => self.category = self.category.take().or_else(|| category(&it)),
            Item::Macro(it) => self.expand(&it.mac),
            _ => {}
        }
    }

    fn declare(&mut self, declared: Declared) {
        self.types.insert(declared.name(), declared);
    }

    // `use crate::skills::{SkillLevel as Level}` makes `Level` a name for `skills` `SkillLevel`.
    fn import(&mut self, above: &mut Vec<String>, tree: &syn::UseTree) {
        match tree {
            syn::UseTree::Path(it) => {
                above.push(it.ident.to_string());
                self.import(above, &it.tree);
                above.pop();
            }
            syn::UseTree::Name(it) => self.import_as(above, &it.ident, &it.ident),
            syn::UseTree::Rename(it) => self.import_as(above, &it.ident, &it.rename),
            syn::UseTree::Group(it) => it.items.iter().for_each(|tree| self.import(above, tree)),
            syn::UseTree::Glob(_) => {}
        }
    }

    fn import_as(&mut self, above: &[String], name: &syn::Ident, here: &syn::Ident) {
        let path = above.iter().cloned().chain([name.to_string()]);
        self.imports
            .insert(here.to_string(), path.collect::<Vec<_>>().join("::"));
    }

    // The two macros of this crate that declare types: `events!` and `ids!`.
    fn expand(&mut self, mac: &syn::Macro) {
        let name = mac.path.segments.last().map(|segment| segment.ident.to_string());
        if name.as_deref() == Some("events") {
            let text = mac.tokens.to_string();
            let prefix = text
                .split(" of \"")
                .nth(1)
                .and_then(|rest| rest.split('"').next());
            self.prefix = prefix.map(String::from);
        } else if name.as_deref() == Some("ids") && !mac.tokens.is_empty() {
            let ids = |input: syn::parse::ParseStream<'_>| {
                let mut ids = Vec::new();
                while !input.is_empty() {
                    let attrs = input.call(Attribute::parse_outer)?;
                    let ident: syn::Ident = input.parse()?;
                    let _: Option<syn::Token![,]> = input.parse()?;
                    ids.push((attrs, ident));
                }
                Ok(ids)
            };
            let ids = ids
                .parse2(mac.tokens.clone())
                .expect("ids! holds documented names");
            for (attrs, ident) in ids {
                self.declare(Declared::Struct(
                    syn::parse_quote!(#(#attrs)* #[derive(Serialize)] pub struct #ident(Uuid);),
                ));
            }
        }
    }
}

/// All source files of this crate.
pub(super) struct Sources {
    modules: Vec<Module>,
}

impl Sources {
    /// Reads all files below `src`.
    pub(super) fn read(src: &Path) -> Self {
        let mut files = BTreeMap::new();
        walk(src, src, &mut files);
        Self::of(files)
    }

    /// Takes files that were read already, each under its path without `.rs`.
    pub(super) fn of(files: BTreeMap<String, String>) -> Self {
        let modules = files.into_iter().map(|(path, text)| Module::read(path, &text));
        Self {
            modules: modules.collect(),
        }
    }

    /// Returns the module that declares the events with this prefix.
    pub(super) fn declaring(&self, prefix: &str) -> &Module {
        let found = self
            .modules
            .iter()
            .find(|module| module.prefix.as_deref() == Some(prefix));
        found.unwrap_or_else(|| panic!("no `events!` of {prefix:?} was found in the source"))
    }

    /// Returns the prefixes of all catalogues that the source declares.
    #[cfg(test)]
    pub(super) fn prefixes(&self) -> impl Iterator<Item = &str> {
        self.modules.iter().filter_map(|module| module.prefix.as_deref())
    }

    /// Returns the prefix under which a kind is declared: the longest one that ends where a word does.
    pub(super) fn prefix_of(&self, kind: &str) -> &str {
        let prefixes = self.modules.iter().filter_map(|module| module.prefix.as_deref());
        prefixes
            .filter(|prefix| {
                kind.strip_prefix(*prefix)
                    .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
            })
            .max_by_key(|prefix| prefix.len())
            .unwrap_or_else(|| panic!("{kind} begins with no aggregate's prefix"))
    }

    /// Returns the module that implements the decider whose events `declaring` declares.
    pub(super) fn decider<'a>(&'a self, declaring: &'a Module) -> &'a Module {
        let implements = |module: &&Module| module.category.is_some() && module.top() == declaring.top();
        Some(declaring)
            .filter(implements)
            .or_else(|| self.modules.iter().find(implements))
            .unwrap_or_else(|| {
                panic!(
                    "src/{}.rs declares events and no decider stands near",
                    declaring.path
                )
            })
    }

    /// Finds a type as code in `from` names it: `Means`, `text::Body`, `crate::ids::LegId`.
    ///
    /// Where nothing leads to it (a glob import, a name that a macro made), the aggregate's own files are searched, and
    /// then the whole crate, which may hold only one of that name.
    pub(super) fn find(&self, from: &Module, path: &str) -> Option<(&Module, &Declared)> {
        let (place, name) = path.rsplit_once("::").unwrap_or(("", path));
        let place = if place.is_empty() {
            from.path.clone()
        } else {
            self.locate(from, place)
        };
        let module = self.modules.iter().find(|module| module.path == place);
        if let Some(module) = module {
            if let Some(declared) = module.types.get(name) {
                return Some((module, declared));
            }
            if let Some(import) = module.imports.get(name).filter(|import| *import != name) {
                return self.find(module, import);
            }
        }
        let everywhere = self.modules.iter();
        let mut found = everywhere.filter_map(|module| Some((module, module.types.get(name)?)));
        if let Some(near) = found.clone().find(|(module, _)| module.top() == from.top()) {
            return Some(near);
        }
        let first = found.next();
        assert!(
            found.next().is_none(),
            "src/{}.rs: which {path} is meant?",
            from.path
        );
        first
    }

    // The path of the module that code in `from` calls `place`.
    fn locate(&self, from: &Module, place: &str) -> String {
        let (first, rest) = place.split_once("::").unwrap_or((place, ""));
        let inside = |folder: &str| {
            let parts = [folder, &rest.replace("::", "/")];
            let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
            parts.join("/")
        };
        let above = from.path.rsplit_once('/').map_or("", |(above, _)| above);
        let found = match first {
            "crate" => inside(""),
            "self" => inside(&from.path),
            "super" => inside(above),
            child => match from.imports.get(child).filter(|import| *import != child) {
                Some(import) => inside(&self.locate(from, import)),
                None => {
                    let own = inside(&format!("{}/{child}", from.path));
                    let there = self.modules.iter().any(|module| module.path == own);
                    if there { own } else { inside(child) }
                }
            },
        };
        if found.is_empty() { "lib".to_owned() } else { found }
    }
}

fn walk(src: &Path, folder: &Path, files: &mut BTreeMap<String, String>) {
    let entries = std::fs::read_dir(folder).expect("this crate's source is there");
    for entry in entries {
        let path = entry.expect("a folder that opened can be listed").path();
        if path.is_dir() {
            walk(src, &path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(src).expect("below src").with_extension("");
            let text = std::fs::read_to_string(&path).expect("a source file is text");
            files.insert(name.to_string_lossy().replace('\\', "/"), text);
        }
    }
}

fn category(item: &syn::ItemImpl) -> Option<String> {
    let (path, _) = item.trait_.as_ref()?;
    if path.segments.last()?.ident != "Decider" {
        return None;
    }
    item.items.iter().find_map(|item| match item {
        syn::ImplItem::Const(it) if it.ident == "CATEGORY" => text_of(&it.expr),
        _ => None,
    })
}

/// Returns the lines of an item's doc comment, without the space that begins each.
pub(super) fn doc(attrs: &[Attribute]) -> Vec<String> {
    attrs
        .iter()
        .filter(|attr| attr.path().is_ident("doc"))
        .filter_map(|attr| match &attr.meta {
            Meta::NameValue(it) => text_of(&it.value),
            Meta::Path(_) | Meta::List(_) => None,
        })
        .map(|line| line.trim().to_owned())
        .collect()
}

/// Returns a literal text.
pub(super) fn text_of(expr: &syn::Expr) -> Option<String> {
    match expr {
        syn::Expr::Lit(it) => match &it.lit {
            syn::Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(files: &[(&str, &str)]) -> Sources {
        Sources::of(
            files
                .iter()
                .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
                .collect(),
        )
    }

    #[test]
    fn aggregates_are_found_over_several_files() {
        let sources = sources(&[
            (
                "call",
                "//! Call: one.\nimpl Decider for Call { const CATEGORY: &'static str = \"call\"; }",
            ),
            (
                "call/event",
                "crate::events! { /// x\n pub enum Event of \"Call\" {} }",
            ),
            ("callback", "crate::events! { pub enum Event of \"Callback\" {} }"),
        ]);
        assert_eq!(sources.prefix_of("CallbackKept"), "Callback");
        assert_eq!(sources.prefix_of("CallOffered"), "Call");
        let decider = sources.decider(sources.declaring("Call"));
        assert_eq!(
            (decider.path.as_str(), decider.category.as_deref()),
            ("call", Some("call"))
        );
        assert_eq!(decider.doc, ["Call: one."]);
    }

    #[test]
    fn a_name_means_what_it_means_where_it_stands() {
        let sources = sources(&[
            (
                "a",
                "use crate::c::{Why as Reason};\nuse crate::{Moment, text};\nstruct Own;\nstruct Body;",
            ),
            ("a/deep", "use super::text;\nuse super::Own as Above;"),
            ("b", "struct Own;\nenum Why {}"),
            ("c", "enum Why {}"),
            ("ids", "ids! {\n/// One call.\nCallId,\n}"),
            ("lib", "pub use time::Moment;"),
            ("text", "struct Body;"),
            ("time", "struct Moment;"),
        ]);
        let place = |from: usize, path: &str| {
            let found = sources.find(&sources.modules[from], path);
            found.map(|(module, _)| module.path.as_str())
        };
        assert_eq!(place(0, "Own"), Some("a"));
        assert_eq!(place(0, "Reason"), Some("c"));
        assert_eq!(place(0, "Moment"), Some("time"));
        assert_eq!(place(0, "Body"), Some("a"));
        assert_eq!(place(0, "text::Body"), Some("text"));
        assert_eq!(place(0, "crate::text::Body"), Some("text"));
        assert_eq!(place(0, "CallId"), Some("ids"));
        assert_eq!(place(0, "Nothing"), None);
        assert_eq!(place(1, "Above"), Some("a"));
        assert_eq!(place(1, "super::Body"), Some("a"));
        assert_eq!(place(1, "Own"), Some("a"));
    }
}
