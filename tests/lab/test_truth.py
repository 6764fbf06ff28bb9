from lampwatch.lab.truth import Truth, mistakes
from lampwatch.model.verdict import Finding, Verdict
from lampwatch.model.vocabulary import Control, Evidence, Layer, Mechanism, State

RESET = Truth(State.BLOCKED, Layer.TLS, Mechanism.TLS_SNI_RESET)


def verdict(
    state: State,
    layer: Layer | None = None,
    mechanism: Mechanism | None = None,
    *findings: Finding,
    target: str = "blocked.test",
) -> Verdict:
    return Verdict(
        target,
        state,
        layer,
        mechanism,
        Evidence.NONE,
        "a.rule",
        "it is so",
        Control.WORKED,
        findings=findings,
    )


def test_the_truth_has_no_mistakes() -> None:
    assert RESET.mistakes(verdict(State.BLOCKED, Layer.TLS, Mechanism.TLS_SNI_RESET)) == []


def test_another_state_and_another_mechanism_are_two_mistakes() -> None:
    assert RESET.mistakes(verdict(State.OK, Layer.TLS)) == [
        "blocked.test: ok, and not blocked (a.rule)",
        "blocked.test: no mechanism, and not tls_sni_reset (a.rule)",
    ]


def test_an_innocent_truth_lets_no_mechanism_be_named() -> None:
    said = verdict(State.UNKNOWN, Layer.HTTP, Mechanism.THROTTLING)
    assert Truth(State.UNKNOWN).mistakes(said) == ["blocked.test: throttling, and not none (a.rule)"]


def test_either_truth_will_do() -> None:
    either = Truth(State.OK) | Truth(State.UNKNOWN)
    assert either.mistakes(verdict(State.UNKNOWN)) == []
    assert either.mistakes(verdict(State.DOWN)) == ["blocked.test: down, and not ok (a.rule)"]
    assert str(either) == "ok or unknown"


def test_a_second_layer_may_show_in_a_finding() -> None:
    both = Truth(State.BLOCKED, Layer.DNS, Mechanism.DNS_SPOOF, also=(Layer.HTTP,))
    said = verdict(State.BLOCKED, Layer.DNS, Mechanism.DNS_SPOOF)
    assert both.mistakes(said) == ["blocked.test: nothing shown at http"]
    also = Finding("another.rule", Layer.HTTP, Mechanism.HTTP_BLOCK_PAGE)
    assert both.mistakes(verdict(State.BLOCKED, Layer.DNS, Mechanism.DNS_SPOOF, also)) == []


def test_no_verdict_is_a_mistake() -> None:
    assert mistakes(RESET, []) == ["no verdict was reached"]


def test_each_target_has_its_own_truth_and_must_have_a_verdict() -> None:
    truths = {
        "telegram": Truth(State.BLOCKED, Layer.IP, Mechanism.IP_DROP),
        "web.telegram.org": Truth(State.OK),
    }
    said = [verdict(State.OK, target="telegram"), verdict(State.DOWN, target="another")]
    assert mistakes(truths, said) == [
        "web.telegram.org: no verdict",
        "telegram: ok, and not blocked (a.rule)",
        "telegram: no mechanism, and not ip_drop (a.rule)",
        "telegram: nothing shown at ip",
    ]
