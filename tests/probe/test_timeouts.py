from lampwatch.probe.timeouts import Timeouts


def test_steps_take_longer_by_a_factor_and_the_control_and_late_answers_do_not() -> None:
    usual, scaled = Timeouts(), Timeouts().scaled(2.5)
    assert (scaled.lookup_s, scaled.connect_s) == (10.0, 25.0)
    assert (scaled.handshake_s, scaled.fetch_s) == (25.0, 25.0)
    assert (scaled.control_s, scaled.late_answer_s) == (usual.control_s, usual.late_answer_s)
