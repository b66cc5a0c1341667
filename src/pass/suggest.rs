//! The remedy for a name that nobody knows.

/// Below this likeness (0 is nothing in common, 1 the same) a suggestion confuses more than it helps.
const LIKENESS: f64 = 0.7;

/// ``did you mean `schedule`?`` for the known name most like `name`, else the list of all known names.
pub fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let likeness = |other: &str| strsim::jaro_winkler(&name.to_lowercase(), &other.to_lowercase());
    let nearest = known.iter().copied().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    match nearest {
        None => "there are none to choose from".to_owned(),
        Some(nearest) if likeness(nearest) >= LIKENESS => format!("did you mean `{nearest}`?"),
        Some(_) => format!("known are {}", known.join(", ")),
    }
}
