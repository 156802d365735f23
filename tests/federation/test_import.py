from pathlib import Path
from uuid import uuid4

from fengqiao.insight.cases import CaseFilter
from tests.stack import Stack, printed_json, run_command

HEADER = "编号,标题,内容,时间\n"


def written(folder: Path, mark: str) -> Path:
    path = folder / "messages.csv"
    rows = [
        f"{mark}-1,A1区{mark}路灯坏了,两个月没人修,2025-01-05 09:05",
        f"{mark}-2,,没有标题,2025-01-05",
        f'{mark}-3,{mark}市里的事,"两\n行",2025-01-06',
        f"{mark}-4,A2区{mark}停水,三天没有水,2025-13-06",
        f"{mark}-5,A2区{mark}停水,三天没有水,2025-01-07",
        f"{mark}-6,A12区{mark}那里没有中心在运行,内容,2025-01-07",
    ]
    path.write_text(HEADER + "\n".join(rows), "gb18030")
    return path


async def registered_at(stack: Stack, centre: str, mark: str) -> dict[str, str]:
    async with stack.client(centre) as client:
        listed = await client.cases(CaseFilter(words=mark))
        return {file.case.reference: file.case.registered_at.date().isoformat() for file in listed.rows}


async def test_rows_go_where_they_belong_once_and_each_wrong_one_is_named(running_stack: Stack, tmp_path: Path) -> None:
    mark = uuid4().hex[:8]
    path = written(tmp_path, mark)
    city, first, second = running_stack.centres[:3]
    arguments = ("import", str(path), "--data", str(running_stack.data), "--json", "--actor", "王敏")
    once = run_command(*arguments)
    found = printed_json(once)
    assert once.returncode == 1
    assert {name: found[name] for name in ("read", "registered", "known", "rejected")} == {
        "read": 6, "registered": 3, "known": 0, "rejected": 3
    }  # fmt: skip
    assert [(row["line"], row["code"]) for row in found["rejections"]] == [
        (3, "text_empty"),
        (6, "date_malformed"),
        (8, "centre_not_running"),
    ]
    again = printed_json(run_command(*arguments))
    assert (again["registered"], again["known"], again["rejected"]) == (0, 3, 3)
    assert await registered_at(running_stack, first, mark) == {f"{mark}-1": "2025-01-05"}
    assert await registered_at(running_stack, second, mark) == {f"{mark}-5": "2025-01-06"}
    assert await registered_at(running_stack, city, mark) == {f"{mark}-3": "2025-01-05"}


async def test_a_mapping_and_a_centre_can_be_named(running_stack: Stack, tmp_path: Path) -> None:
    mark = uuid4().hex[:8]
    township = running_stack.centres[3]
    table, mapping = tmp_path / "a.csv", tmp_path / "mapping.toml"
    table.write_text(f"流水,事由,正文\n1,A2区{mark},内容\n", "utf-8")
    mapping.write_text('reference = "流水"\ntitle = "事由"\ntext = "正文"\n', "utf-8")
    data = str(running_stack.data)
    done = run_command("import", str(table), "--mapping", str(mapping), "--centre", township, "--data", data)
    assert (done.returncode, done.stderr.count("line")) == (0, 0)
    async with running_stack.client(township) as client:
        listed = await client.cases(CaseFilter(words=mark))
        assert [file.case.origin for file in listed.rows] == [township]


def test_what_is_wrong_with_the_whole_is_one_sentence(running_stack: Stack, tmp_path: Path) -> None:
    table = tmp_path / "a.csv"
    table.write_text("编号,内容\n1,甲\n", "utf-8")
    data = str(running_stack.data)
    no_title = run_command("import", str(table), "--data", data)
    assert (no_title.returncode, no_title.stdout) == (2, "")
    assert no_title.stderr.strip() == "The file has no column 'title'; check the header or give --mapping."
    missing = run_command("import", str(tmp_path / "b.csv"), "--data", data)
    assert missing.stderr.startswith("There is no file")
    assert missing.returncode == 1
    table.write_text(f"{HEADER}1,甲,乙,2025-01-01\n", "utf-8")
    nothing = run_command("import", str(table), "--data", str(tmp_path / "empty"))
    assert (nothing.returncode, nothing.stderr.strip()) == (
        1,
        "No local stack is running; start it with: fengqiao local up.",
    )
    nowhere = run_command("import", str(table), "--centre", "99", "--data", data)
    assert nowhere.stderr.strip() == "There is no centre 99; check the list of centres."
    assert nowhere.returncode == 1
