from talweg.work.faults import place


def test_sentences_of_the_worker_find_their_field() -> None:
    assert place("problem.model_args.sizes: got 3; expected a list.") == ("model_args", "Got 3; expected a list.")
    assert place("/weights/w.pt does not fit the model: 2 shapes differ.")[0] == "model"
    assert place("/weights/w.pt is damaged.", "/weights/w.pt")[0] == "weights"
    assert place("The computation failed: KeyError: 1") == ("", "The computation failed: KeyError: 1")
