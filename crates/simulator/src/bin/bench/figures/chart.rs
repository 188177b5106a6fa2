//! A picture of bars, as SVG.

use std::fmt::Write as _;
use std::path::Path;

const WIDTH: usize = 900;
const ROW: usize = 30;
const LABEL: usize = 340;
const BAR: f64 = 430.0;

/// Writes horizontal bars under a title; the longest fills the width.
pub(crate) fn save(path: &Path, title: &str, bars: Vec<(String, f64)>) -> anyhow::Result<()> {
    let most = bars.iter().map(|(_, value)| *value).fold(f64::MIN_POSITIVE, f64::max);
    let height = ROW * (bars.len() + 2);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" font-family=\"sans-serif\" \
         font-size=\"14\"><rect width=\"100%\" height=\"100%\" fill=\"white\"/><text x=\"10\" y=\"22\" \
         font-weight=\"bold\">{title}</text>"
    );
    for (number, (label, value)) in bars.iter().enumerate() {
        let (top, width) = (ROW * (number + 1), value / most * BAR);
        let color = if label.starts_with("rialto") { "#1f6feb" } else { "#8c959f" };
        let (baseline, value_x) = (top + 19, LABEL as f64 + width + 8.0);
        let text = if *value >= 1e6 { format!("{:.2} M", value / 1e6) } else { format!("{:.1} k", value / 1e3) };
        write!(
            svg,
            "<text x=\"{}\" y=\"{baseline}\" text-anchor=\"end\">{label}</text><rect x=\"{LABEL}\" y=\"{}\" \
             width=\"{width:.1}\" height=\"20\" fill=\"{color}\"/><text x=\"{value_x:.1}\" y=\"{baseline}\">{text}</text>",
            LABEL - 8,
            top + 4,
        )?;
    }
    svg.push_str("</svg>\n");
    std::fs::write(path, svg)?;
    Ok(())
}
