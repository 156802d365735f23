from pathlib import Path

from fengqiao.domain.case import CaseState
from fengqiao.domain.directive import DirectiveState
from tests.stack import Stack, printed_json, run_command


async def test_each_centre_sees_the_same_story_and_every_decision_is_followed_to_its_end(running_stack: Stack) -> None:
    done = run_command("story", "--data", str(running_stack.data), "--json")
    told = printed_json(done)
    assert (done.returncode, told["agree"]) == (0, True)
    assert [play["feature"] for play in told["plays"]] == ["F16", "F18"]
    city, county, other, township = running_stack.centres[:4]
    track, deeds = told["plays"]
    assert [centre["code"] for centre in track["centres"]] == [city, county, township]
    assert {centre["code"] for centre in deeds["centres"]} == {city, county, township, other}
    for play in told["plays"]:
        for centre in play["centres"]:
            times = [event["at"] for event in centre["events"]]
            assert times == sorted(times)
    for centre in (city, county, township):
        async with running_stack.client(centre) as client:
            for play in told["plays"]:
                assert (await client.case(play["case"])).file.case.state is CaseState.RESOLVED
    async with running_stack.client(city) as client:
        for directive in deeds["directives"]:
            assert (await client.directive(directive)).file.directive.state is DirectiveState.APPROVED


def test_the_story_is_told_in_columns_and_in_the_language_of_the_reader(running_stack: Stack) -> None:
    done = run_command("story", "--data", str(running_stack.data), FENGQIAO_LANG="zh")
    assert done.returncode == 0
    lines = [line for line in done.stdout.splitlines() if "受理移交" in line]
    assert len(lines) >= 6
    assert "各中心所见一致。" in done.stdout
    assert done.stdout.count("02-16 09:3") == 3 * 5


def test_without_a_federation_there_is_no_story(tmp_path: Path) -> None:
    done = run_command("story", "--data", str(tmp_path))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.strip() == "No local stack is running; start it with: fengqiao local up."
