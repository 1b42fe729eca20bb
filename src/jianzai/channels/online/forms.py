"""What people type."""

from django import forms


class SignInForm(forms.Form):
    """Two inputs. Whether they fit together is not the form's to say."""

    name = forms.CharField(max_length=100)
    number = forms.CharField(max_length=40)


class CheckForm(forms.Form):
    """The two numbers printed on a certificate."""

    serial = forms.CharField(max_length=40)
    token = forms.CharField(max_length=120)
