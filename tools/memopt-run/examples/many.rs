use memopt_ir_tests::draw::random_bytes;
use memopt_ir_tests::fuzz;
fn main() {
    let a: Vec<u64> = std::env::args().skip(1).map(|x| x.parse().unwrap()).collect();
    let (from, to, force) = (a[0], a[1], a.get(2).copied());
    std::panic::set_hook(Box::new(|_| {}));
    let mut kinds: std::collections::BTreeMap<String, (usize, u64)> = Default::default();
    for seed in from..to {
        let mut data = random_bytes(seed, 40 + (seed as usize * 7) % 400);
        if let Some(f) = force {
            data[1] = f as u8;
        }
        if let Err(e) = std::panic::catch_unwind(|| fuzz::plan_then_check(&data)) {
            let text = e
                .downcast_ref::<String>()
                .cloned()
                .unwrap_or_else(|| e.downcast_ref::<&str>().unwrap_or(&"?").to_string());
            if to - from == 1 {
                println!("{text}");
            }
            let key: String = text
                .lines()
                .take(2)
                .collect::<Vec<_>>()
                .join(" ")
                .chars()
                .filter(|c| !c.is_ascii_digit())
                .take(160)
                .collect();
            let k = kinds.entry(key).or_insert((0, seed));
            k.0 += 1;
        }
    }
    println!("seeds {from}..{to}: {} kinds", kinds.len());
    for (k, (n, s)) in kinds {
        println!("{n} (seed {s}): {k}");
    }
}
