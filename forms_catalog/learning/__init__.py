"""Beside step 2a: how the matcher's model is trained and measured. Pure; called by the commands train_matcher and
evaluate_matching, and by retraining. Nothing here runs while fields are matched."""
