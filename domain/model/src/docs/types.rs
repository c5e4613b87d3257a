//! How the types of fields are written in JSON, told from how they are declared.

use std::collections::BTreeMap;

use syn::{Fields, GenericArgument, PathArguments, Type};

use super::source::{Declared, Module, Sources, doc, text_of};

/// What serde was told about a type, variant or field.
#[derive(Debug, Default)]
struct Serde {
    rename_all: Option<String>,
    rename: Option<String>,
    tag: Option<String>,
    content: Option<String>,
    into: Option<String>,
    untagged: bool,
    flatten: bool,
}

impl Serde {
    fn of(attrs: &[syn::Attribute]) -> Self {
        let mut told = Self::default();
        for attr in attrs.iter().filter(|attr| attr.path().is_ident("serde")) {
            let read = attr.parse_nested_meta(|meta| {
                let name = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
                let value = match meta.value() {
                    Ok(value) => text_of(&value.parse()?),
                    Err(_) => None,
                };
                match name.as_str() {
                    "rename_all" => told.rename_all = value,
                    "rename" => told.rename = value,
                    "tag" => told.tag = value,
                    "content" => told.content = value,
                    "into" => told.into = value,
                    "untagged" => told.untagged = true,
                    "flatten" => told.flatten = true,
                    // These say how it is read, or when it is left out, not how it is written.
                    "try_from"
                    | "from"
                    | "default"
                    | "transparent"
                    | "skip_serializing_if"
                    | "alias"
                    | "deny_unknown_fields"
                    | "bound" => {}
                    other => {
                        panic!("docs/events.md cannot explain #[serde({other})] yet: teach src/docs/types.rs")
                    }
                }
                Ok(())
            });
            read.expect("serde's attributes are well-formed, or the crate would not build");
        }
        told
    }

    fn name(&self, ident: &syn::Ident, rule: Option<&str>) -> String {
        let name = ident.to_string();
        self.rename.clone().unwrap_or_else(|| match rule {
            None => name.trim_start_matches("r#").to_owned(),
            Some("snake_case") => words(&name).join("_"),
            Some("kebab-case") => words(&name).join("-"),
            Some("lowercase") => name.to_lowercase(),
            Some(other) => {
                panic!("docs/events.md cannot explain rename_all = {other:?} yet: teach src/docs/types.rs")
            }
        })
    }
}

fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for c in name.chars() {
        match words.last_mut() {
            Some(word) if !c.is_uppercase() => word.push(c),
            _ => words.push(c.to_lowercase().to_string()),
        }
    }
    words
}

/// One row of a type's explanation.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Written {
    /// What is written.
    pub(super) what: String,
    /// What it means.
    pub(super) means: String,
}

/// Reads a type as it stands in a field: `Option<Private<PhoneNumber>>`.
pub(super) fn parse(text: &str) -> Type {
    syn::parse_str(text).unwrap_or_else(|e| panic!("{text} is no type: {e}"))
}

/// Shows a type as it is written, without what leads from the crate's root.
pub(super) fn show(ty: &Type) -> String {
    match ty {
        Type::Path(it) => it.path.segments.last().map_or_else(String::new, |segment| {
            let path = path(it);
            let name = ["crate::", "self::", "super::"]
                .iter()
                .find_map(|root| path.strip_prefix(root))
                .unwrap_or(&path);
            let arguments: Vec<String> = arguments(segment).map(show_argument).collect();
            match arguments.as_slice() {
                [] => name.to_owned(),
                some => format!("{name}<{}>", some.join(", ")),
            }
        }),
        Type::Tuple(it) => format!("({})", it.elems.iter().map(show).collect::<Vec<_>>().join(", ")),
        Type::Array(it) => format!("[{}]", show(&it.elem)),
        Type::Reference(it) => show(&it.elem),
        _ => panic!("docs/events.md cannot show this form of type yet: teach src/docs/types.rs"),
    }
}

// `text::Body` of `text::Body<T>`.
fn path(ty: &syn::TypePath) -> String {
    let segments = ty.path.segments.iter().map(|segment| segment.ident.to_string());
    segments.collect::<Vec<_>>().join("::")
}

fn arguments(segment: &syn::PathSegment) -> impl Iterator<Item = &GenericArgument> {
    match &segment.arguments {
        PathArguments::AngleBracketed(it) => Some(it.args.iter()),
        PathArguments::None | PathArguments::Parenthesized(_) => None,
    }
    .into_iter()
    .flatten()
}

// `T` of `Few<T, THINGS_MAX>`. Without the rest of the crate a constant's name is read as a type's.
fn type_argument(argument: &GenericArgument) -> Option<&Type> {
    let is_constant = |name: &syn::Ident| {
        let name = name.to_string();
        name.len() > 1 && !name.contains(|c: char| c.is_lowercase())
    };
    match argument {
        GenericArgument::Type(Type::Path(it)) if it.path.get_ident().is_some_and(is_constant) => None,
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    }
}

fn show_argument(argument: &GenericArgument) -> String {
    match argument {
        GenericArgument::Type(ty) => show(ty),
        GenericArgument::Const(syn::Expr::Lit(it)) => match &it.lit {
            syn::Lit::Int(number) => number.to_string(),
            _ => "_".to_owned(),
        },
        _ => "_".to_owned(),
    }
}

/// Lists the names that a type is made of, outermost first, each with the path that it is written with.
pub(super) fn names(ty: &Type) -> Vec<String> {
    match ty {
        Type::Path(it) => {
            let mut found = vec![path(it)];
            for argument in it.path.segments.last().into_iter().flat_map(arguments) {
                if let Some(ty) = type_argument(argument) {
                    found.extend(names(ty));
                }
            }
            found
        }
        Type::Tuple(it) => it.elems.iter().flat_map(names).collect(),
        Type::Array(it) => names(&it.elem),
        Type::Reference(it) => names(&it.elem),
        _ => vec![],
    }
}

/// Says in a word or two what stands in the JSON for a type.
pub(super) fn json(sources: &Sources, from: &Module, ty: &Type) -> String {
    json_with(sources, from, ty, &BTreeMap::new())
}

// `given`: what the type's parameters stand for, in words.
fn json_with(sources: &Sources, from: &Module, ty: &Type, given: &BTreeMap<String, String>) -> String {
    let (path, segment) = match ty {
        Type::Path(it) => (path(it), it.path.segments.last().expect("a path has a last part")),
        Type::Tuple(_) | Type::Array(_) => return "list".to_owned(),
        Type::Reference(it) => return json_with(sources, from, &it.elem, given),
        _ => panic!("docs/events.md cannot explain this form of type yet: teach src/docs/types.rs"),
    };
    let name = segment.ident.to_string();
    let inner: Vec<String> = arguments(segment)
        .filter_map(type_argument)
        .map(|ty| json_with(sources, from, ty, given))
        .collect();
    let first = inner.first().map_or("anything", String::as_str);
    if let Some(words) = given.get(&name) {
        return words.clone();
    }
    match name.as_str() {
        "String" | "str" | "Uuid" => "text".to_owned(),
        "bool" => "true or false".to_owned(),
        "u8" | "u16" | "u32" | "u64" | "usize" | "i8" | "i16" | "i32" | "i64" | "f32" | "f64" => {
            "number".to_owned()
        }
        "NonZeroU8" | "NonZeroU16" | "NonZeroU32" | "NonZeroU64" => "number from 1".to_owned(),
        "Option" => format!("{first} or null"),
        "Private" => format!("private {first}"),
        "Box" | "Arc" | "Rc" | "Cow" => first.to_owned(),
        "Vec" | "BTreeSet" => format!("list of {first}"),
        "BTreeMap" => "object by key".to_owned(),
        _ => {
            let (module, declared) = sources
                .find(from, &path)
                .unwrap_or_else(|| panic!("src/{}.rs: {path} is defined nowhere in this crate", from.path));
            declared_json(sources, module, declared, inner)
        }
    }
}

fn declared_json(sources: &Sources, module: &Module, declared: &Declared, arguments: Vec<String>) -> String {
    let parameters = declared.generics().type_params().map(|it| it.ident.to_string());
    let given: BTreeMap<String, String> = parameters.zip(arguments).collect();
    let told = Serde::of(declared.attrs());
    if let Some(into) = &told.into {
        return json_with(sources, module, &parse(into), &given);
    }
    match declared {
        Declared::Alias(it) => json_with(sources, module, &it.ty, &given),
        Declared::Struct(it) => match &it.fields {
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
                json_with(sources, module, &fields.unnamed[0].ty, &given)
            }
            Fields::Unnamed(_) => "list".to_owned(),
            Fields::Named(_) => "object".to_owned(),
            Fields::Unit => "null".to_owned(),
        },
        Declared::Enum(it) => {
            let unit = it
                .variants
                .iter()
                .filter(|variant| variant.fields.is_empty())
                .count();
            match (told.tag.is_some() || unit == 0, unit == it.variants.len()) {
                (true, _) => "object".to_owned(),
                (false, true) => "text".to_owned(),
                (false, false) => "text or object".to_owned(),
            }
        }
    }
}

/// A type of the crate, explained.
#[derive(Debug)]
pub(super) struct Explained {
    /// What it is for.
    pub(super) doc: Vec<String>,
    /// What it is written as, where that is another type.
    pub(super) as_type: Option<String>,
    /// What may be written, or its fields.
    pub(super) rows: Vec<Written>,
    /// The types that it is made of.
    pub(super) uses: Vec<String>,
}

/// Explains a type by its declaration.
pub(super) fn explain(declared: &Declared) -> Explained {
    let mut explained = Explained {
        doc: doc(declared.attrs()),
        as_type: None,
        rows: vec![],
        uses: vec![],
    };
    let told = Serde::of(declared.attrs());
    if let Some(into) = &told.into {
        explained.stands_for(&parse(into));
        return explained;
    }
    match declared {
        Declared::Alias(it) => explained.stands_for(&it.ty),
        // What has no derived form says in its own words how it is written.
        Declared::Struct(it) if !derives_serialize(&it.attrs) => {}
        Declared::Struct(it) => match &it.fields {
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
                explained.stands_for(&fields.unnamed[0].ty)
            }
            Fields::Named(fields) => explained.fields(fields, told.rename_all.as_deref()),
            Fields::Unnamed(_) | Fields::Unit => {}
        },
        Declared::Enum(it) => it
            .variants
            .iter()
            .for_each(|variant| explained.variant(&told, variant)),
    }
    explained
}

fn derives_serialize(attrs: &[syn::Attribute]) -> bool {
    attrs.iter().any(|attr| {
        attr.path().is_ident("derive")
            && matches!(&attr.meta, syn::Meta::List(it) if it.tokens.to_string().contains("Serialize"))
    })
}

impl Explained {
    fn stands_for(&mut self, ty: &Type) {
        self.as_type = Some(show(ty));
        self.uses.extend(names(ty));
    }

    fn fields(&mut self, fields: &syn::FieldsNamed, rule: Option<&str>) {
        for field in &fields.named {
            let ident = field.ident.as_ref().expect("a named field has a name");
            let told = Serde::of(&field.attrs);
            self.uses.extend(names(&field.ty));
            let what = if told.flatten {
                format!("the fields of {}", show(&field.ty))
            } else {
                format!("\"{}\": {}", told.name(ident, rule), show(&field.ty))
            };
            let means = doc(&field.attrs).join(" ");
            self.rows.push(Written { what, means });
        }
    }

    fn variant(&mut self, of: &Serde, variant: &syn::Variant) {
        let told = Serde::of(&variant.attrs);
        let name = told.name(&variant.ident, of.rename_all.as_deref());
        let mut means = doc(&variant.attrs).join(" ");
        let inside = self.inside(told.rename_all.as_deref(), &variant.fields, &mut means);
        let what = match (&of.tag, &of.content, inside) {
            _ if of.untagged => variant_untagged(variant),
            (Some(tag), _, None) => format!("{{\"{tag}\": \"{name}\"}}"),
            (Some(tag), Some(content), Some(inside)) => {
                format!("{{\"{tag}\": \"{name}\", \"{content}\": {inside}}}")
            }
            (Some(tag), None, Some(inside)) => match inside.strip_prefix('{') {
                Some(fields) => format!("{{\"{tag}\": \"{name}\", {fields}"),
                None => format!("{{\"{tag}\": \"{name}\"}} with the fields of {inside}"),
            },
            (None, _, None) => format!("\"{name}\""),
            (None, _, Some(inside)) => format!("{{\"{name}\": {inside}}}"),
        };
        self.rows.push(Written { what, means });
    }

    // What a variant holds; the docs of its fields are added to what it means.
    fn inside(&mut self, rule: Option<&str>, fields: &Fields, means: &mut String) -> Option<String> {
        match fields {
            Fields::Unit => None,
            Fields::Unnamed(fields) => {
                let shown: Vec<String> = fields.unnamed.iter().map(|field| show(&field.ty)).collect();
                self.uses
                    .extend(fields.unnamed.iter().flat_map(|field| names(&field.ty)));
                Some(match shown.as_slice() {
                    [one] => one.clone(),
                    some => format!("[{}]", some.join(", ")),
                })
            }
            Fields::Named(fields) => {
                let mut parts = Vec::new();
                for field in &fields.named {
                    let ident = field.ident.as_ref().expect("a named field has a name");
                    let name = Serde::of(&field.attrs).name(ident, rule);
                    self.uses.extend(names(&field.ty));
                    parts.push(format!("\"{name}\": {}", show(&field.ty)));
                    let says = doc(&field.attrs).join(" ");
                    if !says.is_empty() {
                        means.push_str(&format!(" `{name}`: {says}"));
                    }
                }
                Some(format!("{{{}}}", parts.join(", ")))
            }
        }
    }
}

fn variant_untagged(variant: &syn::Variant) -> String {
    match &variant.fields {
        Fields::Unit => "null".to_owned(),
        Fields::Unnamed(fields) => fields
            .unnamed
            .iter()
            .map(|field| show(&field.ty))
            .collect::<Vec<_>>()
            .join(", "),
        Fields::Named(fields) => {
            let parts = fields.named.iter().filter_map(|field| {
                let name = field.ident.as_ref()?;
                Some(format!("\"{name}\": {}", show(&field.ty)))
            });
            format!("{{{}}}", parts.collect::<Vec<_>>().join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(text: &str) -> Declared {
        match syn::parse_str(text).expect("a test's item is Rust") {
            syn::Item::Struct(it) => Declared::Struct(it),
            syn::Item::Enum(it) => Declared::Enum(it),
            _ => panic!("{text} is no type"),
        }
    }

    fn rows(text: &str) -> Vec<String> {
        explain(&item(text))
            .rows
            .into_iter()
            .map(|row| row.what)
            .collect()
    }

    #[test]
    fn enums_are_shown_as_they_are_written() {
        assert_eq!(
            rows(
                "#[serde(rename_all = \"snake_case\")] enum E { NotYet, #[serde(rename = \"us-west-2\")] West }"
            ),
            ["\"not_yet\"", "\"us-west-2\""]
        );
        assert_eq!(
            rows(
                "#[serde(tag = \"is\", content = \"id\", rename_all = \"snake_case\")] enum E { A, B(AgentId) }"
            ),
            ["{\"is\": \"a\"}", "{\"is\": \"b\", \"id\": AgentId}"]
        );
        assert_eq!(
            rows(
                "#[serde(tag = \"is\", rename_all = \"snake_case\")] enum E { A { of: crate::ids::LegId, n: u8 }, B(Other) }"
            ),
            [
                "{\"is\": \"a\", \"of\": ids::LegId, \"n\": u8}",
                "{\"is\": \"b\"} with the fields of Other"
            ]
        );
        assert_eq!(
            rows("enum E { A, B { n: u8 } }"),
            ["\"A\"", "{\"B\": {\"n\": u8}}"]
        );
    }

    #[test]
    fn structs_show_their_fields_or_what_they_stand_for() {
        let explained = explain(&item(
            "/// A need.\n#[derive(Serialize)] struct S { /// Which.\n skill: Option<SkillId>, #[serde(flatten)] more: More }",
        ));
        assert_eq!(explained.doc, ["A need."]);
        assert_eq!(
            explained.rows,
            [
                Written {
                    what: "\"skill\": Option<SkillId>".to_owned(),
                    means: "Which.".to_owned()
                },
                Written {
                    what: "the fields of More".to_owned(),
                    means: String::new()
                }
            ]
        );
        assert_eq!(explained.uses, ["Option", "SkillId", "More"]);
        let text = explain(&item(
            "#[serde(try_from = \"String\", into = \"String\")] struct Digest([u8; 32]);",
        ));
        assert_eq!(text.as_type.as_deref(), Some("String"));
    }

    #[test]
    fn what_stands_in_the_json_is_said_in_a_word() {
        let sources = Sources::of(BTreeMap::from([(
            "a".to_owned(),
            concat!(
                "#[serde(try_from = \"Vec<T>\")] struct Few<T, const N: usize>(Vec<T>);\n",
                "type Names = Few<Name, 3>;\n#[serde(into = \"String\")] struct Name(u8);\n",
                "enum Flat { A, B }\n#[serde(tag = \"is\")] enum Tagged { A, B }\nstruct Whole { a: u8 }\n",
                "crate::events! { pub enum Event of \"A\" {} }"
            )
            .to_owned(),
        )]));
        let from = sources.declaring("A");
        for (ty, words) in [
            ("Option<Private<Name>>", "private text or null"),
            ("crate::a::Names", "list of text"),
            ("Flat", "text"),
            ("Tagged", "object"),
            ("Vec<Whole>", "list of object"),
            ("BTreeMap<Name, u8>", "object by key"),
            ("Box<(u8, u8)>", "list"),
            ("Few<Name, NAMES_MAX>", "list of text"),
        ] {
            assert_eq!(json(&sources, from, &parse(ty)), words, "{ty}");
        }
    }
}
