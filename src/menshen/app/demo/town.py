"""The people of the demo: fictional customers, the same at every run, each drawn from a number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

T = TypeVar("T")

FAMILIES = (
    ("王", "wang"), ("李", "li"), ("张", "zhang"), ("刘", "liu"), ("陈", "chen"), ("杨", "yang"), ("赵", "zhao"),
    ("黄", "huang"), ("周", "zhou"), ("吴", "wu"), ("徐", "xu"), ("孙", "sun"), ("胡", "hu"), ("朱", "zhu"),
    ("高", "gao"), ("林", "lin"), ("何", "he"), ("郭", "guo"), ("马", "ma"), ("罗", "luo"), ("欧阳", "ouyang"),
)  # fmt: skip
GIVEN = (
    ("伟", "wei"), ("芳", "fang"), ("娜", "na"), ("敏", "min"), ("静", "jing"), ("丽", "li"), ("强", "qiang"),
    ("磊", "lei"), ("洋", "yang"), ("勇", "yong"), ("艳", "yan"), ("杰", "jie"), ("涛", "tao"), ("明", "ming"),
    ("秀英", "xiuying"), ("桂兰", "guilan"), ("子轩", "zixuan"), ("雨桐", "yutong"), ("浩然", "haoran"),
    ("思远", "siyuan"), ("晓彤", "xiaotong"), ("嘉怡", "jiayi"), ("志强", "zhiqiang"), ("建国", "jianguo"),
)  # fmt: skip
FIRST = (
    "Alice", "Ben", "Clara", "David", "Emma", "Frank", "Grace", "Henry", "Iris", "Jack", "Kate", "Liam", "Mary",
    "Noah", "Olivia", "Peter", "Quentin", "Rose", "Sam", "Tess", "Una", "Victor", "Wendy", "Zoe",
)  # fmt: skip
LAST = (
    "Archer", "Baker", "Carter", "Dyer", "Ellis", "Fisher", "Grant", "Hughes", "Irving", "Jordan", "Keller", "Lane",
    "Mason", "Norris", "Owens", "Porter", "Quinn", "Reeves", "Sawyer", "Turner", "Vance", "Walker", "Young",
)  # fmt: skip
BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_6) AppleWebKit/605.1.15 Version/17.6 Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 Version/17.6 Mobile Safari/604.1",
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0",
)
NETWORKS = ("192.0.2", "198.51.100", "203.0.113")
"""Set aside for documentation (RFC 5737): no address of the demo is anybody's."""
FREE_LINES = 10_000
"""Mobile numbers 199 0000 xxxx belong to nobody here; beyond them people have none."""


@dataclass(frozen=True)
class Resident:
    """One fictional customer."""

    number: int
    name: str
    email: str
    phone: str
    chinese: bool
    birthday: date
    groups: tuple[str, ...]
    browser: str
    address: str
    every: int
    """Days between two visits."""
    came: int
    """Days ago, of those the demo knows, on which the account appeared."""

    def moment(self, days_ago: int) -> int:
        """Microseconds before this hour of that day at which the resident comes, spread over ten hours."""
        return draw(self.number, days_ago + 100) % 36_000_000_000

    def visits(self, days_ago: int) -> bool:
        """Whether the resident signs in on that day."""
        return days_ago <= self.came and (self.came - days_ago) % self.every == 0

    def slips(self, days_ago: int) -> bool:
        """Whether a wrong password is typed first on that day."""
        return draw(self.number, days_ago) % 9 == 0


def resident(number: int, days: int) -> Resident:
    """The customer of that number in a history of so many days; number 0 is the one to sign in as."""
    chinese = number % 3 != 2
    if chinese:
        (family, family_pinyin), (given, given_pinyin) = pick(FAMILIES, number, 1), pick(GIVEN, number, 2)
        name, address = f"{family}{given}", f"{family_pinyin}.{given_pinyin}"
    else:
        first, last = pick(FIRST, number, 1), pick(LAST, number, 2)
        name, address = f"{first} {last}", f"{first}.{last}".lower()
    moved_in = draw(number, 3) % 10 < 6
    return Resident(
        number=number,
        name="林薇" if number == 0 else name,
        email="lin.wei@example.com" if number == 0 else f"{address}.{number}@example.com",
        phone=f"+861990000{number:04d}" if chinese and number < FREE_LINES else "",
        chinese=chinese,
        birthday=date(1950, 1, 1) + timedelta(days=draw(number, 4) % 20_000),
        groups=("gold",) if draw(number, 5) % 12 == 0 else (),
        browser=pick(BROWSERS, number, 6),
        address=f"{pick(NETWORKS, number, 7)}.{1 + draw(number, 8) % 254}",
        every=3 if number == 0 else 12 + draw(number, 9) % 60,
        came=days if moved_in or number == 0 else draw(number, 10) % (days + 1),
    )


def draw(number: int, what: int) -> int:
    """A number that looks drawn, and is the same at every run (the mixing step of SplitMix64)."""
    mixed = (number * 31 + what + 1) * 0x9E3779B97F4A7C15 & (2**64 - 1)
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9 & (2**64 - 1)
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB & (2**64 - 1)
    return mixed ^ (mixed >> 31)


def pick(choices: Sequence[T], number: int, what: int) -> T:
    """One of the choices."""
    return choices[draw(number, what) % len(choices)]
